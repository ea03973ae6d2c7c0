/** The chat. */
export function ChatPage() {
  return null
}
