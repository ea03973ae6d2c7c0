/** The one-time link: first administrator, invitation, or a new password. The token stays in the fragment. */
import { useQuery } from "@tanstack/react-query"
import { Link, useLocation } from "@tanstack/react-router"
import { api } from "@/api/client"
import { keys } from "@/api/keys"
import { asProblem, problemWords } from "@/api/problem"
import type { LinkView } from "@/api/types"
import { Button, buttonStyle } from "@/ui/button"
import { Skeleton } from "@/ui/states"
import { AuthFrame } from "./auth-frame"
import { FormError } from "./form-error"
import { SetupForm } from "./setup-form"

const words: Record<LinkView["purpose"], { title: string; words: string }> = {
  first_admin: { title: "Set up omni2", words: "You are its first administrator. Choose how you sign in." },
  invite: { title: "Welcome to omni2", words: "You have been invited. Choose a password and you are in." },
  reset: { title: "Set a new password", words: "All other sessions of yours end when you save it." },
}

export function SetupPage() {
  const token = useLocation({ select: (location) => location.hash.replace(/^#/, "") })
  const link = useQuery({
    queryKey: keys.auth.link(token),
    queryFn: () => api.post<LinkView>("/api/auth/link/inspect", { token }),
    enabled: token !== "",
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  })
  if (!token || (link.error && asProblem(link.error).code === "link_invalid")) return <DeadLink />
  if (link.error) {
    return (
      <AuthFrame title="The link could not be checked">
        <FormError words={problemWords(asProblem(link.error))} />
        <Button className="mt-4" onClick={() => void link.refetch()}>
          Retry
        </Button>
      </AuthFrame>
    )
  }
  if (!link.data) return <Waiting />
  return (
    <AuthFrame {...words[link.data.purpose]}>
      <SetupForm token={token} link={link.data} />
    </AuthFrame>
  )
}

function DeadLink() {
  return (
    <AuthFrame
      title="This link no longer works"
      words="One-time links work once and for a limited time. Ask your administrator for a new one, or sign in if you have a password."
    >
      <Link to="/login" search={{}} className={buttonStyle({ variant: "secondary", size: "lg" })}>
        Sign in
      </Link>
    </AuthFrame>
  )
}

function Waiting() {
  return (
    <main className="grid min-h-dvh place-items-center px-4" aria-busy="true">
      <div className="flex w-full max-w-[360px] flex-col gap-4">
        <Skeleton className="size-8" />
        <Skeleton className="h-7 w-48" />
        <Skeleton className="h-9" />
        <Skeleton className="h-9" />
        <Skeleton className="h-9" />
      </div>
    </main>
  )
}
