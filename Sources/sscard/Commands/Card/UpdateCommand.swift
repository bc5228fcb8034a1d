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
        commandName: "update",
        abstract: "改写数据项 Change one element of a card with its update key where it differs, and read it back.",
        discussion: """
            例 Examples:
              sscard card update DF01/EF08/maritalStatus --value 2
              sscard card update DF01/EF08/maritalStatus --value 2 --keys psam:SAM
              sscard card update DF04/EF06/offlineAllowed --value 1 --pin ask

            先读后写：卡上已是此值则不写入，也不出示修改密钥 The card is read first: what it holds already is not written, and no update key is
            presented for it; where anybody may read it, no key store is opened either. 只有持卡人密码能打开的数据，用 --pin 读出核对 What only the
            holder's PIN opens is compared and read back with --pin, and written unseen without.
            """)

    @OptionGroup var access: CardAccess
    @Argument(help: "数据项 The element: directory/file/name of the layout.") var element: String
    @Option(help: "新值 Its new value, as in the people file.") var value: String
    @Flag(help: "输出 JSON.") var json = false

    private struct Report: Encodable {
        let element: String
        /// False when the card held the value already.
        let changed: Bool
        /// How many were written.
        let records: Int
        /// Whether the card was seen to hold the value.
        let readBack: Bool

        init(_ element: String, _ outcome: ElementUpdate.Outcome) {
            self.element = element
            switch outcome {
            case .unchanged: (changed, records, readBack) = (false, 0, true)
            case .written(let count, let isReadBack): (changed, records, readBack) = (true, count, isReadBack)
            }
        }

        var text: String {
            guard changed else { return "卡上已是此值，未写入 already on the card, nothing written: \(element)" }
            return "已改写 changed \(element)  \(readBack ? "已回读核对 read back" : "未能回读 not read back")"
        }
    }

    func validate() throws {
        guard access.replay == nil else {
            throw ValidationError("--replay 的卡不能改写 · a card played from a trace cannot be changed")
        }
        guard !access.withoutKeys else {
            throw ValidationError(
                "改写须用修改密钥，不能用 --without-keys · writing takes an update key, so not with --without-keys")
        }
    }

    func run() async throws {
        let site = try Site(access.site)
        let pin = try access.pin?.presentedPIN()
        let report = try await access.changingCard { channel in
            let compiled = try site.card(named: access.layout, answering: channel.answerToReset.bytes)
            let (directory, file, element) = try target(in: compiled)
            let encoder = try site.library.entry(compiled.layout.name).encoder
            let records = try encoder.records(value, of: element, in: file)
            // What anybody may read is compared before a key store is opened.
            let onlooker = try access.conversation(
                ReadOnlyChannel(channel), compiled, site, CardPreparation.absentKeys, nil)
            if try ElementUpdate(onlooker, compiled).isAlready(records, in: file.name, of: directory) {
                return Report(self.element, .unchanged)
            }
            let conversation = try access.conversation(channel, compiled, site, try site.keys(), pin)
            let outcome = try conversation.explaining(of: compiled.layout) {
                try ElementUpdate(conversation, compiled, pinLength: pin.map { ($0.count + 1) / 2 })
                    .write(records, to: file.name, in: directory)
            }
            return Report(self.element, outcome)
        }
        if json { return try Terminal.say(json: report) }
        Terminal.say(report.text)
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
