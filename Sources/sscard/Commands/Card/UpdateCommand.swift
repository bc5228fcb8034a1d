import ArgumentParser
import CardApplication
import CardCryptography
import CardData
import CardLayout
import ISO7816
import IssuerKeys
import Issuing

/// `sscard card update`: one element of an issued card.
struct UpdateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "update", abstract: "改写数据项 Change one element of a card with its update key, and read it back.",
        discussion: """
            例 Examples:
              sscard card update DF01/EF08/maritalStatus --value 2
              sscard card update DF01/EF08/maritalStatus --value 2 --keys psam:SAM
              sscard card update DF04/EF06/offlineAllowed --value 1 --pin ask

            只有持卡人密码能打开的数据，用 --pin 读回核对 What only the holder's PIN opens is read back with --pin.
            """)

    @OptionGroup var access: CardAccess
    @Argument(help: "数据项 The element: directory/file/name of the layout.") var element: String
    @Option(help: "新值 Its new value, as in the people file.") var value: String
    @Flag(help: "输出 JSON.") var json = false

    private struct Report: Encodable {
        let element: String
        let records: Int
        let readBack: Bool
    }

    func run() async throws {
        let site = try Site(access.site)
        let keys = try site.keys()
        let pin = try access.pin?.presentedPIN()
        let report = try await access.withCard { channel in
            let compiled = try site.card(named: access.layout, answering: channel.answerToReset.bytes)
            let (directory, file, element) = try target(in: compiled)
            let encoder = try site.library.entry(compiled.layout.name).encoder
            let records = try encoder.records(value, of: element, in: file)
            let conversation = try access.conversation(channel, compiled, site, keys, pin)
            let isRead = try conversation.explaining(of: compiled.layout) {
                try ElementUpdate(conversation, compiled, pinLength: pin.map { ($0.count + 1) / 2 })
                    .write(records, to: file.name, in: directory)
            }
            return Report(element: self.element, records: records.count, readBack: isRead)
        }
        if json { return try Terminal.say(json: report) }
        Terminal.say(
            "已改写 changed \(report.element)  \(report.readBack ? "已回读核对 read back" : "未能回读 not read back")")
    }

    /// The element by its path; throws `card.update-element`.
    private func target(in compiled: CompiledCard) throws(Faults) -> (CompiledDirectory, ElementaryFile, Element) {
        let parts = element.split(separator: "/").map(String.init)
        guard parts.count == 3, let directory = compiled.directory(parts[0]),
            let file = directory.file(parts[1])?.file, let element = file.element(parts[2])
        else { throw Faults("card.update-element", ["element": element]) }
        return (directory, file, element)
    }
}
