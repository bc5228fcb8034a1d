import ArgumentParser
import CardApplication
import CardCryptography
import CardData
import CardLayout
import Foundation
import ISO7816
import IssuerKeys

/// `sscard card shell`: looking around in a card, command by command.
struct ShellCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shell", abstract: "交互 Look around in a card: ls, cd, cat, read, verify, apdu …",
        discussion: """
            例 Examples:
              sscard card shell
              sscard card shell --script session.txt
              sscard card shell --replay card.trace

            --script 的文件每行一条命令；出错即止，退出码同该错误。A script has one command a line; it stops at the first that fails and ends with that
            error's exit code. 卡片拒绝的 read、select 也算出错，apdu 可写明应得的状态字 So does a read or select that the card refuses; apdu takes the status
            word that it must bring: `apdu 0084000008 = 9000`, x for any digit. `help` lists the commands.
            账上没有的卡先以内部认证证明自己 A card that is not in the books proves itself by INTERNAL AUTHENTICATE first, before anything is typed.
            """)

    @OptionGroup var access: CardAccess
    @Option(help: "脚本文件 File with one command a line, instead of the keyboard.") var script: String?

    func run() async throws {
        let site = try Site(access.site)
        let keys = try access.readingKeys(site).service
        let lines = try script.map { path in
            String(decoding: try InputFile.read(path), as: UTF8.self).split(
                omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" || $0 == "\r\n" }
            ).map(String.init)
        }
        let failure = try await access.withCard(playing: .byCommand) { channel -> Faults? in
            let compiled = try site.card(named: access.layout, answering: channel.answerToReset.bytes)
            try access.tellOtherVersion(channel, compiled, site)
            let visit = try access.visit(of: channel, compiled, site)
            let shell = try ShellSession(compiled) { pin in
                try access.conversation(channel, compiled, site, keys, pin, visit: visit)
            } askPIN: {
                try (access.pin ?? .ask).presentedPIN()
            }
            guard let lines else {
                try shell.converse()
                return nil
            }
            return try shell.run(lines, file: script ?? "")
        }
        if let failure { throw failure }
    }
}
