/// A report that a card is lost.
public struct LossReport: Hashable, Sendable {
    /// How it came in.
    public enum Channel: UInt8, Hashable, Sendable, CaseIterable {
        /// At a counter.
        case counter = 1
        /// By telephone.
        case telephone = 2
        /// By an app or on the web.
        case online = 3
        /// At a kiosk.
        case kiosk = 4
        /// At a bank.
        case bank = 5
    }

    /// Who reports.
    public enum Reporter: UInt8, Hashable, Sendable, CaseIterable {
        /// The holder.
        case holder = 1
        /// An agent, with both identity documents for a formal loss.
        case agent = 2
    }

    /// What the report names; it decides to which cards a report binds that crossed a replacement.
    public enum Subject: UInt8, Hashable, Sendable, CaseIterable {
        /// This very card.
        case card = 1
        /// The person: "my card".
        case person = 2
    }

    /// How it came in.
    public let channel: Channel
    /// Who reports.
    public let reporter: Reporter
    /// What it names.
    public let subject: Subject
    /// Since when the card is lost, in milliseconds of Unix time, as far as the reporter knows; liability only.
    public let lostSince: UInt64?

    /// Whether somebody came to the counter in the holder's place, and is written down; over the telephone nobody has shown who they are.
    public var isByAgentInPerson: Bool { reporter == .agent && channel == .counter }

    /// A report.
    public init(channel: Channel, reporter: Reporter, subject: Subject = .card, lostSince: UInt64? = nil) {
        self.channel = channel
        self.reporter = reporter
        self.subject = subject
        self.lostSince = lostSince
    }
}
