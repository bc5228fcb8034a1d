import CardData
import CardLayout

/// How the records of a file on the card, which keep the lengths they were made with, hold the elements of a new layout: as they are, or filled
/// at the right with the hex digit E where a later version gave the tag another meaning (file structure V2.0, appendix C).
struct RecordRule {
    private let old: ElementaryFile
    private let new: ElementaryFile

    /// Nil where the new layout's elements do not stand in the records of the old one, tag by tag.
    init?(_ old: ElementaryFile, _ new: ElementaryFile) {
        guard case .variableRecord = old.structure, case .variableRecord = new.structure,
            old.elements.map(\.tag) == new.elements.map(\.tag),
            old.elements.map(\.repeats) == new.elements.map(\.repeats),
            zip(old.elements, new.elements).allSatisfy({ $0.length == $1.length || $0.takes($1) })
        else { return nil }
        self.old = old
        self.new = new
    }

    /// Whether a record of the card is longer than the new layout's, or has another meaning.
    var rewrites: Bool { zip(old.elements, new.elements).contains { $0.takes($1) } }

    /// The records that the card shall have instead of the new layout's; those without a value are blank in the new meaning.
    func records(_ wanted: [CardImage.Record]) throws(Faults) -> [CardImage.Record] {
        guard rewrites else { return wanted }
        var records = wanted.filter { record in
            !zip(old.elements, new.elements).contains { $0.takes($1) && $1.tag == record.tag }
        }
        for (before, after) in zip(old.elements, new.elements) where before.takes(after) {
            let value = wanted.first { $0.tag == after.tag }.map { Array($0.bytes.dropFirst(2)) }
            records.append(try old.record(of: before, laterMeaning: value))
        }
        return records.sorted { $0.number < $1.number }
    }
}

extension Element {
    /// Whether the element's record can hold another one under the rule: its later meaning is that element, and there is room for the filler
    /// that tells it, or a companion tells it.
    func takes(_ other: Element) -> Bool {
        guard let later = reinterpretation, later.element.means(as: other) else { return false }
        return later.companion == nil ? other.length < length : other.length <= length
    }

    /// Whether both stand for the same value in the same bytes, wherever their lines stand.
    func means(as other: Element) -> Bool {
        guard tag == other.tag, name == other.name, length == other.length else { return false }
        switch (coding, other.coding) {
        case (.template(let tag, let inner), .template(let otherTag, let otherInner)):
            return tag == otherTag && inner.count == otherInner.count
                && zip(inner, otherInner).allSatisfy { $0.means(as: $1) }
        default: return coding == other.coding
        }
    }
}
