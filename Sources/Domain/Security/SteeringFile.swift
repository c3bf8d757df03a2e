/// Files that decide what is checked, or that tools run without being asked.
enum SteeringFile {
  /// What a change to `path` is; nil where the file steers nothing.
  static func shape(of path: TreePath) -> DangerousShapes.Shape? {
    if policy.match(path) {
      return DangerousShapes.Shape(
        rule: "policy-changed", severity: .medium,
        message: "The change alters the policy that later changes are judged by.")
    }
    if pipelines.match(path) {
      return DangerousShapes.Shape(
        rule: "pipeline-changed", severity: .medium,
        message: "The change alters what a build service runs with its own rights.")
    }
    if autorun.match(path) {
      return DangerousShapes.Shape(
        rule: "autorun-changed", severity: .low,
        message: "The change alters what git or an editor does by itself on the machines of those who fetch it.")
    }
    return nil
  }

  private static let policy = CheckInputs(globs: [".sluice.yml", "CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS"])
  private static let pipelines = CheckInputs(globs: [
    ".github/workflows/**", ".github/actions/**", ".gitlab-ci.yml", ".gitlab/ci/**", "Jenkinsfile", ".circleci/**",
    "azure-pipelines.yml", ".azure-pipelines/**", ".travis.yml", ".drone.yml", "bitbucket-pipelines.yml",
    ".buildkite/**", ".woodpecker.yml", ".woodpecker/**", "appveyor.yml", ".cirrus.yml", "cloudbuild.yaml", ".ci/**",
  ])
  private static let autorun = CheckInputs(globs: [
    "**/.gitattributes", ".husky/**", ".githooks/**", ".pre-commit-config.yaml", "lefthook.yml", "**/.envrc",
    ".vscode/tasks.json", ".vscode/settings.json", ".devcontainer/**", ".idea/runConfigurations/**",
  ])
}
