/** The person's own menu: theme, density, shortcuts, sign out. */
import { useNavigate } from "@tanstack/react-router"
import { CircleUser, Keyboard, LogOut, Monitor, Moon, Rows3, Rows4, Sun } from "lucide-react"
import type { Me } from "@/api/types"
import { initials } from "@/lib/format"
import { Menu, MenuChoice, MenuContent, MenuItem, MenuSeparator, MenuTrigger } from "@/ui/menu"
import { setDensity, setTheme, usePreferences } from "@/ui/preferences"
import { Avatar } from "@/ui/user-chip"
import { useSignOut } from "./sign-out"

const roles = { admin: "Administrator", auditor: "Auditor", member: "Member" }

export function AccountMenu({ me, onShortcuts }: { me: Me; onShortcuts: () => void }) {
  const { theme, density } = usePreferences()
  const signOut = useSignOut()
  const navigate = useNavigate()
  const name = me.user.name || me.user.email
  return (
    <Menu>
      <MenuTrigger
        aria-label={`${initials(name)}: account of ${name}`}
        className="grid size-8 place-items-center rounded-full"
      >
        <Avatar name={name} />
      </MenuTrigger>
      <MenuContent align="end" className="w-60">
        <div className="flex items-center gap-2.5 px-2 py-2">
          <Avatar name={name} size="lg" />
          <div className="min-w-0">
            <p className="truncate font-medium">{name}</p>
            <p className="truncate text-fg-2 text-xs">{me.user.email}</p>
            <p className="text-fg-3 text-xs">{roles[me.role]}</p>
          </div>
        </div>
        <MenuSeparator />
        <MenuChoice
          label="Theme"
          value={theme}
          onValue={setTheme}
          options={[
            { value: "light", label: "Light", icon: Sun },
            { value: "dark", label: "Dark", icon: Moon },
            { value: "system", label: "As the system", icon: Monitor },
          ]}
        />
        <MenuChoice
          label="Density of tables"
          value={density}
          onValue={setDensity}
          options={[
            { value: "comfortable", label: "Comfortable", icon: Rows3 },
            { value: "compact", label: "Compact", icon: Rows4 },
          ]}
        />
        <MenuSeparator />
        <MenuItem icon={CircleUser} onSelect={() => void navigate({ to: "/account" })}>
          Account
        </MenuItem>
        <MenuItem icon={Keyboard} shortcut="?" onSelect={onShortcuts}>
          Keyboard shortcuts
        </MenuItem>
        <MenuItem icon={LogOut} onSelect={() => void signOut()}>
          Sign out
        </MenuItem>
      </MenuContent>
    </Menu>
  )
}
