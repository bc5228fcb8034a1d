public import CardLayout
import ISO7816

extension CardConversation {
    /// Reads the specification version that the card says it is of (EF05 tag 03): SELECT of the environment by name, READ RECORD by the
    /// place that the record has in the layout.
    ///
    /// Costs no try and presents no key. Nil where the card has no such record there, or shows it to nobody without a key.
    public func readSpecificationVersion(of layout: CardLayout) throws(CardError) -> String? {
        guard let environment = layout.directories.first, let name = profile.selectionName(of: environment),
            let file = environment.files.first, let element = file.element("specificationVersion")
        else { return nil }
        let commands = CardCommands(profile: profile)
        let command = try building { () throws(CommandAPDU.Malformed) in try commands.select(name: name) }
        guard try send(.fixed(command), wantsAnswer: false).statusWord.isSuccess else { return nil }
        let number = file.elements.prefix { $0 != element }.reduce(1) { $0 + $1.repeats }
        let record = try send(
            .fixed(commands.readRecord(number, of: file, length: profile.length(ofRecord: element.recordLength))))
        let bytes = profile.record(in: record.data)
        guard record.statusWord.isSuccess, bytes.first == element.tag, bytes.count > 2 else { return nil }
        return String(decoding: bytes.dropFirst(2), as: UTF8.self)
    }
}
