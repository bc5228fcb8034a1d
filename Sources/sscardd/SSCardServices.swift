import ArgumentParser
import CardCryptography
import CardData
import Glibc

/// 社会保障卡服务: what runs beside the tool, one service a command.
@main
struct SSCardServices: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sscardd",
        abstract: "社会保障卡服务 Services: the counter's windows in a browser.",
        discussion: """
            例 Examples:
              sscardd operator add --config counter.yaml --number 1001 --name 张一 --role teller
              sscardd check --config counter.yaml
              sscardd counter --config counter.yaml
              Scripts/training                     (sscardd training beside virtual readers)

            退出码 Exit codes: 0 done · 1 the answer is no · 2 bad input · 3 reader or card · 4 keys · 5 store · 6 network · 70 our bug
            """,
        version: "0.1.0",
        subcommands: [
            CounterCommand.self, TrainingCommand.self, CheckCommand.self, GatewayCommand.self, OperatorCommand.self,
            SchemaCommand.self, TokenModuleCommand.self,
        ])

    static func main() async {
        signal(SIGPIPE, SIG_IGN)
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
        } catch let verdict as Verdict {
            Glibc.exit(verdict.code)
        } catch let error as any FaultReporting {
            Glibc.exit(Screen.tell(error.faults))
        } catch  where isParserError(error) {
            if exitCode(for: error) == .success { exit(withError: error) }
            let fault = UsageFault(message(for: error), in: fullMessage(for: error))
            let code = Screen.tell(fault.faults)
            Screen.tell(fault.usage)
            Glibc.exit(code)
        } catch {
            Glibc.exit(Screen.tell([Fault("counter.unexpected", ["error": "\(error)"])]))
        }
    }

    private static func isParserError(_ error: any Error) -> Bool {
        error is CleanExit || error is ExitCode || error is ValidationError
            || exitCode(for: error) == .validationFailure || String(describing: type(of: error)) == "CommandError"
    }
}

/// Ends the program with an answer that is not an error.
struct Verdict: Error {
    let code: Int32
}
