import ArgumentParser
import CardApplication
import CardData
import CardLayout
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
        let site = try Site(access.site).acting(access.officers)
        let outcome = try await access.changing(site) { compiled in
            let (directory, file, element) = try target(in: compiled)
            let encoder = try site.library.entry(compiled.layout.name).encoder
            return CardChange(
                directory: directory, file: file, records: try encoder.records(value, of: element, in: file))
        }
        let report = CardChangeReport(element: element, outcome)
        if json { return try Terminal.say(json: report) }
        guard report.changed else { return Terminal.say("卡上已是此值，未写入 already on the card, nothing written: \(element)") }
        Terminal.say("已改写 changed \(element)  \(report.readingBack)")
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
