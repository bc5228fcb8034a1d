public import CardData
public import CardLayout
public import Lifecycle
import Synchronization

/// The layouts of a site, each compiled once on the profile it names.
public final class CardLibrary: Sendable {
    /// A layout ready for use.
    public struct Entry: Sendable {
        /// The layout on its profile.
        public let compiled: CompiledCard
        /// Makes images of persons.
        public let encoder: PersonImageEncoder
    }

    /// The files.
    public let files: LayoutLibrary
    /// Area codes, for applicants.
    public let areas: AreaCodeTable
    /// What codes mean.
    public let tables: CodeTables
    private let codes: CodeLookup
    private let entries = Mutex<[String: Entry]>([:])
    private let chipRule = Mutex<ChipNumberRule?>(nil)

    /// The library of a home folder.
    public init(home: String) throws(Faults) {
        files = LayoutLibrary(home: home)
        let tables = home + "/CardLayouts/tables"
        areas = try AreaCodeTable(folder: tables)
        self.tables = CodeTables(folder: tables)
        codes = CodeLookup(tables: self.tables, areas: areas)
    }

    /// The name of the layout that a card was made by, with the profile that it was made for where the layout names another.
    public func name(ofLayoutOf facts: CardFacts) throws(Faults) -> String {
        try entry(facts.layout).compiled.profile.name == facts.profile
            ? facts.layout : "\(facts.layout)@\(facts.profile)"
    }

    /// How long the serials of chips are, by the profiles of this library; throws `layout.folder`.
    public func chipNumbers() throws(Faults) -> ChipNumberRule {
        if let rule = chipRule.withLock({ $0 }) { return rule }
        let rule = try ChipNumberRule(files)
        chipRule.withLock { $0 = rule }
        return rule
    }

    /// The layout of that name, compiled on its profile, or with `LAYOUT@PROFILE` on another.
    public func entry(_ name: String) throws(Faults) -> Entry {
        if let entry = entries.withLock({ $0[name] }) { return entry }
        let compiled = try files.compiledCard(named: name)
        let entry = Entry(compiled: compiled, encoder: PersonImageEncoder(layout: compiled.layout, codes: codes))
        entries.withLock { $0[name] = entry }
        return entry
    }
}
