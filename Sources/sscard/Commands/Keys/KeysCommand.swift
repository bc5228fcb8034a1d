import ArgumentParser

/// `sscard keys`: what the hierarchy and the key store hold, without a key.
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "密钥 Look after the hierarchy of keys: versions, lineage, hand-over, ledger, incidents.",
        discussion: "例 Example: sscard keys list",
        subcommands: [
            List.self,
            Tree.self,
            Show.self,
            Lint.self,
            Check.self,
            Audit.self,
            Policy.self,
            Lineage.self,
            Receive.self,
            Ledger.self,
            Incident.self,
            Vectors.self,
            PSAMCommand.self,
            Development.self,
            CustodianCommand.self,
            CeremonyCommand.self,
            TranscriptCommand.self,
            HandDownCommand.self,
            BlockCommand.self,
            BackupCommand.self,
            ShareWordsCommand.self,
            DrillCommand.self,
            RecoverCommand.self,
            DestroyCommand.self,
            TokenCommand.self,
        ])
}
