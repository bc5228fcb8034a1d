import ArgumentParser
import ByteText
import CardData
import Issuing
import Lifecycle

/// PSAMs in terminals: out of everybody's count, and not out of the book.
extension StockCommand {
    struct Install: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "装机 PSAMs are built into a terminal; two sign.",
            discussion: """
                例 Example: sscard stock install --terminal T-4401 --serial 009050530086499901000000F1 --officer 3001 --second 2001
                装在哪台终端 Which are where: sscard stock show --installed
                """)
        @OptionGroup var move: StockMoveOptions
        @Option(help: "终端编号 The terminal's number.") var terminal: String
        func run() async throws {
            let terminal = try TerminalNumber(terminal)
            try await move.record(as: .stockKeeper) { _, serials in .installed(serials, in: terminal) }
        }
    }

    struct TakeOut: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "take-out", abstract: "拆机 PSAMs are taken out of a terminal again; two sign.",
            discussion: """
                例 Example: sscard stock take-out --terminal T-4401 --serial 009050530086499901000000F1 --officer 3001 --second 2001
                """)
        @OptionGroup var move: StockMoveOptions
        @Option(help: "终端编号 The terminal's number.") var terminal: String
        func run() async throws {
            let terminal = try TerminalNumber(terminal)
            try await move.record(as: .stockKeeper) { _, serials in .takenOut(serials, of: terminal) }
        }
    }
}
