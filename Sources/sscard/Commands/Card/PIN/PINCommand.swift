import ArgumentParser
import CardApplication
import CardCryptography
import Issuing

/// `sscard card pin`: the holder's PIN on a card that was issued.
struct PINCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pin", abstract: "密码 Change, reset or unblock the holder's PIN.",
        discussion: "例 Example: sscard card pin change --pin ask --new-pin ask",
        subcommands: [Change.self, Reset.self, Unblock.self, Approval.self])

    struct Change: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "修改密码 The holder gives the old PIN and a new one.",
            discussion: """
                例 Examples:
                  sscard card pin change --pin ask --new-pin ask
                  sscard card pin change --pin fd:3 --new-pin fd:3 3<<< $'135790\\n481952'     # 两行 two lines

                旧密码错误会耗去一次尝试；最后一次须 --spend-last-try。A wrong old PIN costs a try; the last one takes --spend-last-try.
                """)

        @OptionGroup var service: PINServiceOptions
        @Option(help: "旧密码来源 Where the old PIN comes from: ask or fd:N.") var pin: PINSource
        @Option(help: "新密码来源 Where the new PIN comes from: ask, fd:N or generate.") var newPin: PINSource
        @Option(help: "工单号 Number of the form or call, where there is one.") var ticket = ""

        func run() async throws {
            let old = try pin.presentedPIN()
            let new = try newPin.pin()
            try await service.serve(.change(from: old, to: new), ticket: ticket, isDrawn: newPin.isGenerated)
        }
    }

    struct Reset: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "重置密码 A new PIN takes the place of a forgotten or blocked one.",
            discussion: """
                例 Example: sscard card pin reset --new-pin generate --ticket 2026-0412 --second 2001 --proof identity-document

                只用于本网点登记的卡；不设任何默认密码。For cards of this registry; no default PIN is ever set.
                """)

        @OptionGroup var service: PINServiceOptions
        @Option(help: "新密码来源 Where the new PIN comes from: ask, fd:N or generate.") var newPin: PINSource
        @Option(help: "工单号 Number of the form or call; stands in the log.") var ticket: String

        func run() async throws {
            try await service.serve(.reset(to: try newPin.pin()), ticket: ticket, isDrawn: newPin.isGenerated)
        }
    }

    struct Unblock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "解锁密码 A blocked PIN gets its tries back and stays as it is.",
            discussion: """
                例 Example: sscard card pin unblock --ticket 2026-0412 --second 2001 --proof identity-document
                """)

        @OptionGroup var service: PINServiceOptions
        @Option(help: "工单号 Number of the form or call; stands in the log.") var ticket: String

        func run() async throws { try await service.serve(.unblock, ticket: ticket, isDrawn: false) }
    }
}
