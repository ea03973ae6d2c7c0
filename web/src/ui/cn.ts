/** Joins class names; a later Tailwind class wins over an earlier one of its kind. */
import { extendTailwindMerge } from "tailwind-merge"

export const cn = extendTailwindMerge({
  extend: { classGroups: { "font-size": [{ text: ["2xs", "xs", "sm", "base", "lg", "xl", "2xl"] }] } },
})
