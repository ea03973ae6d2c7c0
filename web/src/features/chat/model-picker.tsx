/** Which model answers; the demo model says what it is, and what to do about it. */
import { Check, ChevronDown, FlaskConical, Sparkles } from "lucide-react"
import { useContext } from "react"
import type { ModelOption } from "@/api/frames"
import { may, useMe } from "@/api/me"
import { AddModelContext } from "@/ui/add-model-link"
import { Icon } from "@/ui/icon"
import { Menu, MenuContent, MenuItem, MenuLabel, MenuSeparator, MenuTrigger } from "@/ui/menu"
import { useChat } from "./store"
import { useChosenModel } from "./talk"

export function ModelPicker() {
  const models = useChat((state) => state.welcome?.models) ?? []
  const chosen_id = useChosenModel((state) => state.model)
  const chosen =
    models.find((model) => model.model_id === chosen_id) ?? models.find((model) => model.is_default)
  if (!chosen) return <span className="h-7" />
  return (
    <div className="flex min-w-0 items-center gap-x-2">
      <Menu>
        <MenuTrigger
          aria-label={`Model: ${chosen.title}`}
          className="flex h-7 min-w-0 items-center gap-1.5 rounded px-2 text-fg-2 text-xs hover:bg-hover hover:text-fg data-[state=open]:bg-hover"
        >
          <Icon of={chosen.demo ? FlaskConical : Sparkles} size={14} className="text-fg-3" />
          <span className="truncate">{chosen.title}</span>
          <Icon of={ChevronDown} size={12} className="text-fg-3" />
        </MenuTrigger>
        <MenuContent align="start" side="top">
          <MenuLabel>Model that answers</MenuLabel>
          {models.map((model) => (
            <Choice key={model.model_id} model={model} on={model === chosen} />
          ))}
          {chosen.demo && <DemoNote />}
        </MenuContent>
      </Menu>
      {chosen.demo && <DemoLabel said={/LLM/.test(chosen.title)} />}
    </div>
  )
}

function Choice({ model, on }: { model: ModelOption; on: boolean }) {
  return (
    <MenuItem onSelect={() => useChosenModel.setState({ model: model.model_id })}>
      <span className="flex items-center gap-2">
        <Icon of={model.demo ? FlaskConical : Sparkles} size={14} className="text-fg-3" />
        <span className="flex-1 truncate">{model.title}</span>
        {on && <Icon of={Check} size={14} />}
      </span>
    </MenuItem>
  )
}

/** Beside the picker: short, always there while the demo model answers. */
function DemoLabel({ said }: { said: boolean }) {
  const link = useContext(AddModelContext)
  const manages = may(useMe(), "models.manage")
  return (
    <span className="flex shrink-0 items-center gap-2.5 text-fg-3 text-xs max-sm:hidden">
      {!said && "Rules, not an LLM"}
      {manages && link?.("Add a real model")}
    </span>
  )
}

function DemoNote() {
  const manages = may(useMe(), "models.manage")
  return (
    <>
      <MenuSeparator />
      <p className="max-w-64 px-2 py-1.5 text-fg-2 text-xs">
        The demo model follows rules: it matches your words to tools and reports what they return.{" "}
        {manages ? "Add a real model under Models." : "Ask an administrator to add a real model."}
      </p>
    </>
  )
}
