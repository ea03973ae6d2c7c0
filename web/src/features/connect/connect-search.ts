/** What the URL of Connect holds: the program whose setup is shown. */
import { isProgram, type ProgramId } from "./program-ids"

export function connectSearch(search: Record<string, unknown>): { program?: ProgramId } {
  return isProgram(search.program) ? { program: search.program } : {}
}
