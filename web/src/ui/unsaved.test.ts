import { afterEach, expect, test } from "vitest"
import { forgetUnsaved, leaveForm, mark, unmark, useUnsavedForms, wouldLose } from "./unsaved"

const settings = { pathname: "/admin/servers/1", search: { tab: "settings" } }
const flows = { pathname: "/admin/flows", search: {} }

afterEach(forgetUnsaved)

test("leaving a page or a tab is asked about only while a form holds changes", () => {
  expect(wouldLose(settings, flows)).toBe(false)
  mark("form")
  expect(wouldLose(settings, flows)).toBe(true)
  expect(wouldLose(settings, { ...settings, search: {} })).toBe(true)
  expect(wouldLose(settings, { ...settings, search: { tab: "settings", peek: "x" } })).toBe(false)
  unmark("form")
  expect(wouldLose(settings, flows)).toBe(false)
})

test("whose session has ended is led to the sign-in whatever was typed", () => {
  mark("form")
  expect(wouldLose(settings, { pathname: "/login", search: {} })).toBe(false)
})

test("a dialog with changes closes only behind the question", () => {
  let closed = 0
  const close = () => {
    closed += 1
  }
  leaveForm(false, close)
  expect(closed).toBe(1)
  leaveForm(true, close)
  expect(closed).toBe(1)
  useUnsavedForms.getState().leaving?.()
  expect(closed).toBe(2)
})
