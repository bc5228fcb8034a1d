import CardData
public import CardLayout
public import ISO7816
public import IssuerKeys

/// What a place brings to the load of a security module: the record of its master key's tries, kept beside those of cards.
public struct PSAMVisit: PSAMTryCount {
    private let record: VisitRecord
    private let counter: TryCounter
    private let lastTry: LastTryPermission?

    /// The visit of a module whose tries are counted in a record.
    ///
    /// - Parameters:
    ///   - profile: says how many tries a full counter has.
    ///   - lastTry: leave to spend the last one; nil forbids it.
    public init(_ record: VisitRecord, of profile: PSAMProfile, lastTry: LastTryPermission? = nil) {
        self.record = record
        self.lastTry = lastTry
        counter = TryCounter(moduleMaster: profile.masterTries)
    }

    /// The visit of the module that gave an answer to reset: its whole answer names its record, which no card's chip number does.
    public init(
        of answer: AnswerToReset, in folder: String, by profile: PSAMProfile, lastTry: LastTryPermission? = nil
    ) throws(CardError) {
        self.init(try VisitRecord(in: folder, card: answer.bytes), of: profile, lastTry: lastTry)
    }

    /// Whether this place has begun a load that may have replaced the blank's key.
    public var isLoadBegun: Bool { record.isModuleLoadBegun }

    /// Notes that a load begins.
    public func noteLoadBegun() throws(CardKeyError) {
        try told { () throws(CardError) in try record.noteModuleLoadBegun() }
    }

    /// Counts a try as spent before it is; throws `lastTry` instead of spending the last one without leave.
    public func spend() throws(CardKeyError) -> Int? {
        try told { () throws(CardError) in try record.spend(counter, permission: lastTry) }
    }

    /// Notes what the module said to the try.
    public func settle(_ outcome: PSAMTryOutcome) throws(CardKeyError) {
        try told { () throws(CardError) in
            switch outcome {
            case .taken: try record.note(counter, left: nil)
            case .left(let left): try record.note(counter, left: left, isTold: true, durably: true)
            case .compared: try record.note(counter, left: record.triesLeft(counter), durably: true)
            case .notCompared(let before): try record.note(counter, left: before)
            }
        }
    }

    private func told<Value>(_ body: () throws(CardError) -> Value) throws(CardKeyError) -> Value {
        do throws(CardError) {
            return try body()
        } catch {
            if case .lastTry = error { throw .module(.lastTry) }
            throw .notPermitted(Faults(error.faults) ?? Faults("psam.last-try"))
        }
    }
}
