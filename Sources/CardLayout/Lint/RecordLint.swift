import CardData

/// Whether a layout says of everything that makes a card this person's card on which record it is kept: what has no record can be
/// changed on the chip alone.
struct RecordLint {
    let layout: CardLayout

    /// Each mandatory element of the environment has its record, and no element has one that is never written by itself.
    func check(_ faults: inout FaultCollector) {
        for element in layout.directory("SSSE")?.files.flatMap(\.elements) ?? []
        where element.mandatory && element.record == nil {
            faults.add("layout.record-missing", ["name": element.name], at: element.place)
        }
        for file in layout.directories.flatMap(\.files) {
            let fields = file.structure == .variableRecord ? [] : file.elements
            for element in fields + file.elements.flatMap(\.inner) where element.record != nil {
                faults.add("layout.record-not-used", ["name": element.name], at: element.place)
            }
        }
    }
}
