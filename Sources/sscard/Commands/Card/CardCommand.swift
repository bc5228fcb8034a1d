import ArgumentParser

/// `sscard card`: planning, making and reading cards.
struct CardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "card", abstract: "制卡与读卡 Plan, make and read cards.",
        discussion: "例 Example: sscard card read",
        subcommands: [
            PlanCommand.self, PersonalizeCommand.self, CardBlockCommand.self, SpoilCommand.self, CardStateCommand.self,
            ReadCommand.self,
            PINCommand.self, DumpCommand.self, DiffCommand.self, VerifyCommand.self, PlanDiffCommand.self,
            MigrateCommand.self, UpdateCommand.self, AppendCommand.self, PublicKeyCommand.self, ShellCommand.self,
        ])
}
