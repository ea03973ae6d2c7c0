/** The programs that Connect shows how to set up, by the names that its URL holds. */

const program_ids = [
  "claude-code",
  "claude-desktop",
  "cursor",
  "vscode",
  "inspector",
  "python",
  "typescript",
] as const

export type ProgramId = (typeof program_ids)[number]

export function isProgram(value: unknown): value is ProgramId {
  return program_ids.some((id) => id === value)
}
