public import CardData

/// Which meaning the record of a changed tag has, and how a new meaning is written over an old one (file structure V2.0,
/// appendix C).
extension Reinterpretation {
    /// The filler: twice the hex digit E.
    static let filler: UInt8 = 0xEE

    /// Whether the content of a record, without tag and length, says by itself that it has the new meaning.
    ///
    /// Everything behind the new length must be filler, and there must be some: an old text whose last character ends with EE
    /// is no sign.
    func isMarked(in content: [UInt8]) -> Bool {
        content.count > element.length && content.dropFirst(element.length).allSatisfy { $0 == Self.filler }
    }

    /// The content of a record of `length` bytes that has the new meaning.
    ///
    /// Throws `element.too-long` when the record has no room for the value or, unless a companion tells the meaning, for any
    /// filler behind it.
    func content(_ value: [UInt8], inRecordOf length: Int) throws(Faults) -> [UInt8] {
        let room = companion == nil ? length - 1 : length
        guard value.count <= room else {
            throw Faults(
                "element.too-long", ["element": element.name, "length": String(value.count), "most": String(room)])
        }
        return value + [UInt8](repeating: Self.filler, count: length - value.count)
    }
}

extension ElementaryFile {
    /// The record of an element with its later meaning, filled as the rule asks; blank when there is no value.
    ///
    /// The element must have a later meaning; without one its record is blank. Throws `element.too-long` where there is no room.
    public func record(of element: Element, laterMeaning value: [UInt8]?) throws(Faults) -> CardImage.Record {
        guard let later = element.reinterpretation else { return blankRecord(of: element) }
        let content = try later.content(value ?? ElementCodec.blank(later.element), inRecordOf: element.length)
        return record(of: element, content)
    }

    /// The record of an element without a value.
    public func blankRecord(of element: Element) -> CardImage.Record {
        record(of: element, ElementCodec.blank(element))
    }

    private func record(of element: Element, _ content: [UInt8]) -> CardImage.Record {
        CardImage.Record(
            number: firstRecord(of: element), tag: element.tag, element: element.name,
            bytes: ElementCodec.header(element) + content, place: element.place)
    }

    /// The later meaning of an element's tag, when the records of the file say that it has it; nil for the meaning of the layout.
    func laterMeaning(of element: Element, in records: [UInt8: [UInt8]]) -> Element? {
        guard let later = element.reinterpretation, let tag = element.tag else { return nil }
        guard let companion = later.companion else {
            return later.isMarked(in: records[tag] ?? []) ? later.element : nil
        }
        let teller = elements.first { $0.tag == companion }?.reinterpretation
        return teller?.isMarked(in: records[companion] ?? []) == true ? later.element : nil
    }
}
