import CardData

/// New meanings written on cards of an old version (file structure V2.0, appendix C): what migration needs.
extension PersonImageEncoder {
    /// The record of an element's later meaning, when that is what was given; the old meaning is left to the caller.
    ///
    /// Throws `layout.two-meanings` when both were given, `layout.companion-missing` when the record that tells the meaning of
    /// this one would tell the other, and what coding throws.
    func laterRecords(
        _ later: Reinterpretation, of element: Element, in file: ElementaryFile, _ path: String,
        _ given: [String: String]
    ) throws(Faults) -> (records: [CardImage.Record], isLater: Bool) {
        let old = given["\(path).\(element.name)"]
        let new = given["\(path).\(later.element.name)"]
        if old != nil && new != nil {
            throw Faults("layout.two-meanings", ["name": element.name, "other": later.element.name])
        }
        if let companion = later.companion, old != nil || new != nil {
            let teller = file.elements.first { $0.tag == companion }?.reinterpretation?.element.name ?? ""
            let tellsLater = given["\(path).\(teller)"] != nil
            guard tellsLater == (new != nil) else {
                throw Faults(
                    "layout.companion-missing",
                    ["name": new == nil ? element.name : later.element.name, "companion": teller])
            }
        }
        guard let new else { return ([], false) }
        let checked = try format.checked(new, later.element)
        let value = try ElementCodec.encode(try ElementCodec.value(checked, for: later.element), later.element)
        let content = try later.content(value, inRecordOf: element.length)
        return (file.records(of: element, values: [content]), true)
    }
}
