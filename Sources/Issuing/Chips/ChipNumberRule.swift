import ByteText
public import CardData
import CardLayout
import ISO7816
public import Lifecycle

/// How long the serials of chips are here, as the profiles of the site's cards and PSAMs have them.
///
/// A piece that comes in under a part of its serial, or with a digit too many, would never be found by its chip again.
public struct ChipNumberRule: Sendable {
    private let cards: Set<Int>
    private let modules: Set<Int>
    /// No more wrong serials are told of one act.
    private static let told = 20

    /// The rule of these profiles; one that cannot be read gives no length, and is told where it is used.
    init(_ files: LayoutLibrary) throws(Faults) {
        var (cards, modules): (Set<Int>, Set<Int>) = ([], [])
        for name in try files.profileNames + files.globalPlatformProfileNames {
            guard let profile = try? files.profile(named: name), let length = Self.length(of: profile) else { continue }
            cards.insert(length)
        }
        for name in try files.psamProfileNames {
            guard let profile = try? files.psamProfile(named: name),
                let length = Self.length(profile.answerToResetPrefix, .standard)
            else { continue }
            modules.insert(length)
        }
        (self.cards, self.modules) = (cards, modules)
    }

    /// Holds pieces that come in to the lengths of their kind.
    ///
    /// - Throws: `stock.serial-length` for each that has another.
    public func check(_ move: StockMove) throws(Faults) {
        guard case .received(let kind, let serials) = move else { return }
        let lengths = kind == .securityModule ? modules : cards
        guard !lengths.isEmpty else { return }
        let expected = lengths.sorted().map(String.init).joined(separator: ", ")
        let wrong = serials.serials.filter { !lengths.contains($0.count) }.prefix(Self.told)
        let faults = wrong.map { serial in
            Fault(
                "stock.serial-length",
                [
                    "serial": serial.hexadecimal, "length": String(serial.count), "expected": expected,
                    "kind": kind.name, "kindZh": kind.chinese,
                ])
        }
        if let faults = Faults(faults) { throw faults }
    }

    /// How many bytes tell one chip of a profile from another; nil where its answer to reset does not read.
    static func length(of profile: COSProfile) -> Int? { length(profile.answerToResetPrefix, profile.identity) }

    /// Six bytes of serial number stand behind a profile's answer to reset.
    private static func length(_ prefix: [UInt8], _ rule: CardIdentityRule) -> Int? {
        (try? AnswerToReset(bytes: prefix + [UInt8](repeating: 0, count: 6))).flatMap(rule.bytes)?.count
    }
}
