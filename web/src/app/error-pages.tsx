/** The page that is not there, and the page that broke. */
import { type ErrorComponentProps, Link, useRouter } from "@tanstack/react-router"
import { Compass, Lock } from "lucide-react"
import { asProblem, problemWords } from "@/api/problem"
import { Button, buttonStyle } from "@/ui/button"
import { EmptyState, ErrorState } from "@/ui/states"

export function NotFoundPage() {
  return (
    <main className="grid min-h-full place-items-center">
      <EmptyState
        icon={Compass}
        heading="h1"
        title="There is no page here"
        words="The address may be mistyped, or what it showed has been removed."
      >
        <Link to="/" className={buttonStyle({ variant: "secondary" })}>
          Go to the start page
        </Link>
      </EmptyState>
    </main>
  )
}

function NotForThisRole({ words }: { words: string }) {
  return (
    <div className="grid min-h-full place-items-center">
      <EmptyState icon={Lock} title="This page is not for your role" words={words}>
        <Link to="/" className={buttonStyle({ variant: "secondary" })}>
          Go to the start page
        </Link>
      </EmptyState>
    </div>
  )
}

export function PageError({ error, reset }: ErrorComponentProps) {
  const router = useRouter()
  const problem = asProblem(error)
  if (problem.code === "forbidden") return <NotForThisRole words={problemWords(problem)} />
  const retry = () => {
    reset()
    void router.invalidate()
  }
  return (
    <main className="grid min-h-full place-items-center">
      <div>
        <ErrorState
          title={problem.code === "unexpected" ? "This page broke" : "This page could not be loaded"}
          words={problemWords(problem)}
          request_id={problem.body.request_id}
          onRetry={retry}
          className="pb-4"
        />
        <p className="text-center">
          <Button variant="link" size="inline" onClick={() => location.reload()}>
            Load the page anew
          </Button>
        </p>
      </div>
    </main>
  )
}
