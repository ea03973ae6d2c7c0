/** Providers around the router. */
import { QueryClientProvider } from "@tanstack/react-query"
import { RouterProvider } from "@tanstack/react-router"
import { lazy, Suspense } from "react"
import { TooltipProvider } from "@/ui/tooltip"
import { queryClient, router } from "./router"

const Toaster = lazy(() => import("@/ui/toaster"))

export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <TooltipProvider delayDuration={350} skipDelayDuration={150}>
        <RouterProvider router={router} />
        <Suspense>
          <Toaster />
        </Suspense>
      </TooltipProvider>
    </QueryClientProvider>
  )
}
