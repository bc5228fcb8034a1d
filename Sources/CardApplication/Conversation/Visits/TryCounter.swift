import ByteText
public import CardLayout
import IssuerKeys

/// One error counter of a card: that of a key or PIN record.
public struct TryCounter: Hashable, Sendable {
    /// The record's name and identifier, for example `RK1DF04/A9`.
    public let name: String
    /// The tries of a full counter, as the profile loads it.
    public let full: Int

    /// The counter of a key or PIN record.
    public init(_ record: KeyRecord) {
        name = "\(record.name)/\([record.identifier].hexadecimal)"
        full = Int(record.tries)
    }
}

extension COSProfile {
    /// The counter that an operation moves; nil for operations that cost no try, and for keys that the profile does not name.
    ///
    /// The published transport key and the issuer's master key take turns in one record, 39/00 of the master file.
    public func tryCounter(of operation: CardOperation) -> TryCounter? {
        let record: KeyRecord? =
            switch operation {
            case .authenticate(.issuer(let name), let identifier, _):
                keyRecord { $0.type == 0x39 && $0.identifier == identifier && $0.name == name.rawValue }
            case .authenticate(.transport, let identifier, _):
                directories["MF"]?.keys.first { $0.type == 0x39 && $0.identifier == identifier }
            case .verifyPIN(let identifier, _): keyRecord { $0.isPIN && $0.identifier == identifier }
            default: nil
            }
        return record.map(TryCounter.init)
    }

    /// The counter of a key that protects PIN commands: 37 (unblock, reset) or 38 (reload); nil where the profile names none.
    func tryCounter(ofType type: UInt8, _ key: CardKeyReference) -> TryCounter? {
        guard case .issuer(let name) = key else { return nil }
        return keyRecord { $0.type == type && $0.name == name.rawValue }.map(TryCounter.init)
    }

    /// The counters of the PIN, in whichever directories it lives.
    var pinCounters: Set<TryCounter> {
        Set(directories.values.flatMap(\.keys).filter(\.isPIN).map(TryCounter.init))
    }

    private func keyRecord(_ isMeant: (KeyRecord) -> Bool) -> KeyRecord? {
        for directory in directories.values {
            if let record = directory.keys.first(where: isMeant) { return record }
        }
        return nil
    }
}
