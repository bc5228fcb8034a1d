import Registry

/// What is asked of an intake: a file from elsewhere, how it is to be read, and whether anything is to be changed.
public struct IntakeOrder: Codable, Hashable, Sendable {
    /// Which kind of file.
    public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
        /// 人员导入.
        case persons
        /// 回盘.
        case factoryReturn = "factory-return"
    }

    /// A column mapping: its text, and the name that faults carry.
    public struct Mapping: Codable, Hashable, Sendable {
        /// The file's name.
        public let file: String
        /// What stands in it.
        public let text: String

        /// A mapping's text under its name.
        public init(file: String, text: String) {
            self.file = file
            self.text = text
        }
    }

    /// Which kind of file.
    public let kind: Kind
    /// The file's name, as faults tell it.
    public let file: String
    /// What its columns mean; nil where they are named as the elements are.
    public let mapping: Mapping?
    /// The layout: whose other columns a file of persons may have, or by which a factory's cards were made.
    public let layout: String
    /// The batch in which the persons apply, or that ordered the cards; nil for none.
    public let batch: String?
    /// Whether the batch's cards are made at the counter, not by the factory.
    public let isInstant: Bool
    /// Whether every row is judged and nothing is changed.
    public let isDryRun: Bool

    /// Whether a counter may begin with it: persons come before everything else, a factory's cards after their order.
    public var begins: Bool { kind == .persons }

    /// An order from its parts.
    public init(
        _ kind: Kind, file: String, mapping: Mapping?, layout: String, batch: String?, isInstant: Bool = false,
        isDryRun: Bool
    ) {
        self.kind = kind
        self.file = file
        self.mapping = mapping
        self.layout = layout
        self.batch = batch
        self.isInstant = isInstant
        self.isDryRun = isDryRun
    }

    /// The same order, carried out.
    public var forReal: IntakeOrder {
        IntakeOrder(
            kind, file: file, mapping: mapping, layout: layout, batch: batch, isInstant: isInstant, isDryRun: false)
    }
}

/// What an intake found and did, or in a dry run would do.
public struct IntakeReport: Codable, Hashable, Sendable {
    /// What the file's text turned out to be.
    public var encoding = ""
    /// Rows that were read.
    public var rows = 0
    /// Persons whom the registry knew.
    public var known = 0
    /// Persons who are new.
    public var new = 0
    /// Persons whose data are others than on record.
    public var changed = 0
    /// Persons on record with the same data.
    public var same = 0
    /// Applications of the batch.
    public var applications = 0
    /// Persons without one, for they have a card or have applied.
    public var served = 0
    /// Finished cards.
    public var finished = 0
    /// Cards whose making failed.
    public var failed = 0
    /// Rows that an earlier run has booked.
    public var bookedBefore = 0
    /// Rows of a return that wait, for the card that the new one takes the place of may not end now.
    public var waiting = 0
    /// Why each of them waits, at its place in the file, and what to do.
    public var waitingReasons: [ToldFault] = []
    /// Orders of the batch for which the file has no row.
    public var missing: [String] = []
    /// Whether nothing was changed.
    public var isDryRun = false

    mutating func take(_ count: IntakeCount) {
        (new, changed, same) = (count.new, count.changed, count.same)
        (applications, served) = (count.applications, count.served)
    }
}
