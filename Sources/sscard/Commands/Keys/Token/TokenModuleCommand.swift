import ArgumentParser
import IssuerKeys

/// `sscard token-module N`: the process that a PKCS#11 module runs in, so that one that crashes takes nobody with it.
///
/// The tool starts it by itself with N channels open; nobody else needs it.
struct TokenModuleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: ModuleLauncher.commandName,
        abstract: "密码模块进程 The process of a PKCS#11 module; started by the tool itself.",
        shouldDisplay: false)

    @Argument(help: "Open channels, from descriptor 3.") var channels: Int

    func run() { ModuleServer.serve(channels: channels) }
}
