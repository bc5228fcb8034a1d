import ArgumentParser
import CardCryptography
import CardData
import Issuing

/// 社会保障卡: the tool of issuers, engineers and auditors.
@main
struct SSCard: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sscard",
        abstract: "社会保障卡系统 Social security cards: make, key, track and check them.",
        discussion: """
            例 Examples:
              sscard virtual-card new --profile fmcos-ssse --serial 990100000001 --state card.state
              sscard card plan --layout national-2.0 --people Fixtures/people.csv --row 1
              sscard pharmacy check --json

            退出码 Exit codes: 0 done · 1 the answer is no · 2 bad input · 3 reader or card · 4 keys · 5 store · 6 network · 70 our bug
            """,
        version: "0.1.0",
        subcommands: [
            ReadersCommand.self, VirtualCardCommand.self, LayoutCommand.self, CardCommand.self, KeysCommand.self,
            RegistryCommand.self, LifecycleCommand.self, ApplicationCommand.self, IssueCommand.self, StockCommand.self,
            LeaseCommand.self, PharmacyCommand.self, TokenModuleCommand.self,
        ])

    static func main() async {
        // A panel that is closed before we have finished writing to it is no reason to die by a signal.
        ignoreBrokenPipes()
        do {
            try ProcessMemory.forbidDumps()
            ProcessMemory.lock()
            var command = try parseAsRoot()
            try KnownAnswers.check()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            quit(Terminal.endingCode())
        } catch let verdict as ExitVerdict {
            let shortfall = Terminal.endingCode()
            quit(verdict.code == 0 ? shortfall : verdict.code)
        } catch  where Self.isParserError(error) {
            if exitCode(for: error) == .success {
                Terminal.say(fullMessage(for: error))
                quit(Terminal.endingCode())
            }
            let fault = UsageFault(
                message(for: error), in: fullMessage(for: error), arguments: Array(CommandLine.arguments.dropFirst()))
            let code = ErrorReport(fault).print()
            Terminal.tell(fault.usage)
            quit(code)
        } catch {
            quit(ErrorReport(error).print())
        }
    }

    private static func isParserError(_ error: any Error) -> Bool {
        error is CleanExit || error is ExitCode || error is ValidationError
            || exitCode(for: error) == .validationFailure || String(describing: type(of: error)) == "CommandError"
    }
}
