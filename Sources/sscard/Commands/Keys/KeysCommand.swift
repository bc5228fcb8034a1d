import ArgumentParser

/// `sscard keys`: what the hierarchy and the key store hold, without a key.
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "密钥 Show the key hierarchy and check values.",
        discussion: "例 Example: sscard keys list",
        subcommands: [
            List.self,
            Check.self,
            Audit.self,
            Policy.self,
            Development.self,
        ])
}
