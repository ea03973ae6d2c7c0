/** A link to a path that the server names; it stays within the page when it is one of ours. */
import { useRouter } from "@tanstack/react-router"
import type { MouseEvent, ReactNode } from "react"

interface PathLinkProps {
  to: string
  className?: string
  children: ReactNode
}

export function PathLink({ to, className, children }: PathLinkProps) {
  const router = useRouter()
  const path = to.startsWith("/") && !to.startsWith("//") ? to : "/"
  const onClick = (event: MouseEvent) => {
    if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0)
      return
    event.preventDefault()
    router.history.push(path)
  }
  return (
    <a href={path} onClick={onClick} className={className}>
      {children}
    </a>
  )
}
