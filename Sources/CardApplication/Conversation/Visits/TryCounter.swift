import ByteText
public import CardLayout
import ISO7816
import IssuerKeys

/// One error counter of a card: that of a key or PIN record.
public struct TryCounter: Hashable, Sendable {
    /// The record's name and identifier, for example `RK1DF04/A9`.
    public let name: String
    /// The tries of a full counter, as the profile loads it.
    public let full: Int

    /// The identifier of the PIN whose counter it is; nil for that of a key.
    let pinIdentifier: UInt8?
    /// The issuer's key whose presentation it counts: what authenticates to the card, what vouches for PIN commands, and what protects a
    /// line; nil for a PIN and a security domain, which proves itself before.
    let issuerKey: KeyName?
    /// Other names under which its tries may stand noted: its directory was selected in another way then.
    let otherNames: [String]
    /// Whether a command that reads is counted: the card may compare its MAC without counting it.
    let isOfReading: Bool
    /// Counters of the same directory's line keys: what failed under them stands in one row with what fails under this one.
    let rowNames: [String]
    /// Whether it is that of a blank's transport code: what the card says of a wrong one is not known.
    let isOfTransportCode: Bool
    /// True where it is not certain that the command moves this counter: whatever the card says gives it no try back.
    private(set) var isAssumed = false

    /// The same counter, of which it is not certain that a command moves it.
    var assumed: TryCounter {
        var counter = self
        counter.isAssumed = true
        return counter
    }

    /// The counter of a blank's transport code.
    init(transportCode tries: Int) { self.init("transport-code", full: tries, isOfTransportCode: true) }

    /// The counter of a security module's master key.
    init(moduleMaster tries: Int) { self.init("module-master", full: tries) }

    /// The counter of a security domain's key set, by its name and version on the card.
    init(securityDomain keySet: String, version: UInt8, full: Int) {
        self.init("\(keySet)/\(version.hexadecimal)", full: full)
    }

    /// A counter that stands by itself: no key of the issuer's, in no row and under no other name.
    private init(_ name: String, full: Int, isOfTransportCode: Bool = false) {
        self.name = name
        self.full = full
        self.isOfTransportCode = isOfTransportCode
        pinIdentifier = nil
        issuerKey = nil
        otherNames = []
        isOfReading = false
        rowNames = []
    }

    /// The counter of a key or PIN record.
    ///
    /// - Parameters:
    ///   - directory: where it is, where several directories have a record of that name.
    ///   - full: the tries of a full counter, where they are not those of the record.
    public init(_ record: KeyRecord, in directory: SelectedDirectory? = nil, full: Int? = nil) {
        let place = "\(record.name)/\([record.identifier].hexadecimal)"
        let names = directory?.selections.map { "\(place)@\($0.hexadecimal)" } ?? []
        name = names.first ?? place
        otherNames = Array(names.dropFirst())
        self.full = full ?? Int(record.tries)
        pinIdentifier = record.isPIN ? record.identifier : nil
        issuerKey = record.isPIN ? nil : KeyName(rawValue: record.name)
        isOfReading = false
        rowNames = []
        isOfTransportCode = false
    }

    /// The counter of a key that the profile does not name, under the directory in which the card looks for it.
    ///
    /// - Parameter full: the tries of a full counter, as far as anybody can tell.
    init(unnamedKey reference: UInt8, in directory: SelectedDirectory, full: Int) {
        let key = "39/\([reference].hexadecimal)"
        let names = directory.selections.map { "\(key)@\($0.hexadecimal)" }
        name = names.first ?? key
        otherNames = Array(names.dropFirst())
        issuerKey = KeyName(rawValue: key)
        self.full = full
        pinIdentifier = nil
        isOfReading = false
        rowNames = []
        isOfTransportCode = false
    }

    /// The counter of a key whose name and identifier other directories have too; earlier records have no directory in its name.
    init(_ record: KeyRecord, inDirectory directory: String) {
        let place = "\(record.name)/\([record.identifier].hexadecimal)"
        name = "\(place)@\(directory)"
        otherNames = [place]
        full = Int(record.tries)
        pinIdentifier = nil
        issuerKey = KeyName(rawValue: record.name)
        isOfReading = false
        rowNames = []
        isOfTransportCode = false
    }

    /// The counter of a line key's wrong MACs: the third in a row locks its directory for good (cos-dialects §11.2).
    ///
    /// Commands that read have one of their own: what they give back when the card takes a MAC is only what they cost, for a card need not
    /// count them. Of the other counters of the directory each failure is one in the same row.
    ///
    /// - Parameters:
    ///   - directory: all keys of the directory.
    ///   - place: its name, where other directories have a line key of that name too.
    init(line record: KeyRecord, isOfReading: Bool, among directory: [KeyRecord], in place: String?) {
        // its name and identifier may be those of another key, the one that unlocks the PIN
        func name(_ record: KeyRecord, _ isOfReading: Bool) -> String {
            "\(record.name)/36.\([record.identifier].hexadecimal)" + (isOfReading ? ".read" : "")
                + (place.map { "@\($0)" } ?? "")
        }
        let own = name(record, isOfReading)
        self.name = own
        self.isOfReading = isOfReading
        full = 3
        pinIdentifier = nil
        issuerKey = KeyName(rawValue: record.name)
        otherNames = place.map { [String(own.dropLast($0.count + 1))] } ?? []
        rowNames = directory.filter { $0.type == 0x36 }.flatMap { [name($0, false), name($0, true)] }
            .filter { $0 != own }
        isOfTransportCode = false
    }
}

/// The keys of a security domain that INITIALIZE UPDATE asked for.
public struct AskedKeySet: Hashable, Sendable {
    /// P1: their version, or 00 for those that the card uses by itself.
    public let version: UInt8
    /// The version of those that answered, behind ten bytes of diversification data; nil where none did.
    public let answered: UInt8?

    /// What a command asked for, and what the card answered.
    public init(version: UInt8, answer: [UInt8] = []) {
        self.version = version
        answered = answer.dropFirst(10).first
    }
}
