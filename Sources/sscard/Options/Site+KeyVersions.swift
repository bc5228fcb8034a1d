import CardApplication
import Foundation
import IssuerKeys
import Lifecycle
import Personalization
import Registry

extension Site {
    /// The versions of the keys that the card at hand was made with, by its chip; nil when the registry does not know it, or when
    /// there never was a second version.
    func keyVersions(ofChip chip: CardIdentity?) throws -> CardKeyVersions? {
        let hierarchy = try hierarchy()
        guard !hierarchy.hasOnlyFirstVersions, let chip,
            FileManager.default.fileExists(atPath: try options.dataFolder() + "/registry.sqlite")
        else { return nil }
        return try registry().making(onChip: chip.bytes)?.keyVersions
    }
}

extension Registry {
    /// The versions of the keys that a card was made with; nil when there never was a second version.
    func keyVersions(of card: CardReference, _ hierarchy: KeyHierarchy) throws -> CardKeyVersions? {
        hierarchy.hasOnlyFirstVersions ? nil : try making(of: card)?.keyVersions
    }
}

extension MadeCard {
    /// The versions of its keys: version 1 of all when none are recorded.
    var keyVersions: CardKeyVersions { CardKeyVersions(facts.keyVersions) ?? .unrecorded }
}
