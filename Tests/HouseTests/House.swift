import Foundation

/// The package's own folder, from the place of this file.
let packageFolder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

/// How the rooms of the house stand above each other: an import goes strictly downward.
enum House {
    /// The lowest level first; a room that is not built yet has its place already.
    static let levels: [(name: String, rooms: Set<String>)] = [
        ("0", ["COpenSSL", "CPCSC", "CLibPQ", "CPKCS11", "CSQLite", "CTimex", "CTLS", "ByteText"]),
        ("1a", ["ISO7816", "CardData", "CardCryptography"]),
        ("1b", ["CardLayout", "IssuerKeys", "Lifecycle", "SecretEntry"]),
        ("1c", ["CardApplication", "Registry", "RegistryPostgreSQL", "LossList", "SmartCardReader"]),
        ("2", ["Personalization", "CardVerification", "Upstream", "VirtualCard", "RemoteKeyService"]),
        ("3", ["Issuing"]),
        ("4", ["CounterService", "KioskService", "PharmacyService", "CentreService"]),
        ("5", ["sscard", "sscardd", "SSCardDriver", "sscard-bench"]),
    ]

    /// C libraries that one room alone may touch, so that none of their types gets further.
    static let solelyImportedBy = [
        "COpenSSL": "CardCryptography", "CPCSC": "SmartCardReader", "CLibPQ": "RegistryPostgreSQL",
        "CPKCS11": "IssuerKeys", "CSQLite": "Registry", "CTimex": "sscardd", "CTLS": "RemoteKeyService",
    ]

    /// Imports that the levels would allow and the house does not: the virtual card gets keys by commands and from its
    /// state file, as a real one does; the tool crosses no network.
    static let forbidden = [
        ("VirtualCard", "IssuerKeys"), ("sscard", "RemoteKeyService"), ("sscard-bench", "RemoteKeyService"),
        ("SSCardDriver", "RemoteKeyService"),
    ]

    /// Products that cross the network, and the room that alone may use each: what the tool is built of stays small and calls nobody.
    static let products = [
        "HummingbirdTLS": "CounterService", "NIOSSL": "CounterService", "Hummingbird": "CounterService",
        "HummingbirdCore": "CounterService",
    ]

    /// How high a room is; nil for what is not one of the house's rooms.
    static func height(of room: String) -> Int? { levels.firstIndex { $0.rooms.contains(room) } }

    /// What is wrong with one room using another; nil when nothing is, or when the other is not of the house.
    static func fault(_ room: String, using other: String) -> String? {
        guard let height = height(of: room) else { return "\(room) has no place in the house" }
        if let only = products[other], only != room { return "\(room) uses \(other), which only \(only) may" }
        guard let otherHeight = self.height(of: other) else { return nil }
        if let only = solelyImportedBy[other], only != room { return "\(room) uses \(other), which only \(only) may" }
        if forbidden.contains(where: { $0 == room && $1 == other }) { return "\(room) may not use \(other)" }
        guard otherHeight < height else {
            return "\(room) (\(levels[height].name)) uses \(other) (\(levels[otherHeight].name))"
        }
        return nil
    }
}
