/** Which way imports may point: app > features > api > ui > lib; features are blind to each other. */
module.exports = {
  forbidden: [
    { name: "no-circles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "features-never-import-one-another",
      severity: "error",
      from: { path: "^src/features/([^/]+)/" },
      to: { path: "^src/features/", pathNot: "^src/features/$1/" },
    },
    {
      name: "features-do-not-know-app",
      severity: "error",
      from: { path: "^src/features/" },
      to: { path: "^src/app/" },
    },
    {
      name: "api-knows-lib-only",
      severity: "error",
      from: { path: "^src/api/" },
      to: { path: "^src/(app|features|ui)/" },
    },
    {
      name: "ui-has-no-domain-and-no-fetch",
      severity: "error",
      from: { path: "^src/ui/" },
      to: { path: "^src/(app|features|api)/" },
    },
    {
      name: "ui-does-not-fetch",
      severity: "error",
      from: { path: "^src/ui/" },
      to: { path: "node_modules/(openapi-fetch|@tanstack/react-query)/" },
    },
    {
      name: "lib-imports-nothing-above",
      severity: "error",
      from: { path: "^src/lib/" },
      to: { path: "^src/(app|features|api|ui)/" },
    },
    {
      name: "no-orphans",
      severity: "error",
      from: { orphan: true, pathNot: "(\\.d\\.ts|\\.test\\.tsx?|src/main\\.tsx)$" },
      to: {},
    },
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "only-declared-packages",
      severity: "error",
      from: { path: "^src/" },
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "browser", "default", "types"],
    },
  },
}
