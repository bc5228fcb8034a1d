import CardData
import CardLayout
import Foundation
import IssuerKeys
import Issuing
import Lifecycle
import Registry

/// The cards of the registry as the ledger and incidents count them.
struct LedgerCards {
    private let library: CardLibrary
    private let registry: Registry
    private var kinds: [String: Kind] = [:]

    /// What all cards of a layout on a profile have.
    struct Kind {
        let algorithm: CardAlgorithm
        let keys: Set<KeyName>
    }

    init(_ site: Site) throws {
        library = site.library
        registry = try site.registry()
    }

    /// The keys of a card's kind; throws what reading the layout throws.
    mutating func kind(of facts: CardFacts) throws -> Kind {
        let name = "\(facts.layout)@\(facts.profile)"
        if let kind = kinds[name] { return kind }
        let compiled = try library.entry(name).compiled
        let names = (compiled.directories + [compiled.masterFile]).flatMap(\.security.keys)
            .filter { !$0.isPIN }.map { KeyName(rawValue: $0.name) }
        let kind = Kind(
            algorithm: CardAlgorithm(rawValue: compiled.profile.algorithm.rawValue) ?? .tripleDES, keys: Set(names))
        kinds[name] = kind
        return kind
    }

    /// The cards that are not ended, in groups.
    mutating func groups() throws -> [CardGroup] {
        struct Shape: Hashable {
            let layout: String
            let profile: String
            let versions: CardKeyVersions
        }
        var counts: [Shape: (CardFacts, Int)] = [:]
        try registry.forEachMadeCard { card in
            guard !card.state.social.isEnded else { return }
            let shape = Shape(layout: card.facts.layout, profile: card.facts.profile, versions: card.keyVersions)
            counts[shape, default: (card.facts, 0)].1 += 1
        }
        var groups: [CardGroup] = []
        for (shape, (facts, count)) in counts {
            let kind = try kind(of: facts)
            groups.append(
                CardGroup(
                    layout: shape.layout, profile: shape.profile, algorithm: kind.algorithm, versions: shape.versions,
                    keys: kind.keys, count: count))
        }
        return groups.sorted {
            ($0.layout, $0.profile, $0.versions.description) < ($1.layout, $1.profile, $1.versions.description)
        }
    }

    /// Every card that holds a version of a key, ended ones too.
    mutating func holding(
        _ name: KeyName, _ version: KeyVersion, _ algorithm: CardAlgorithm?
    ) throws -> [KeyIncident.Card] {
        var made: [MadeCard] = []
        try registry.forEachMadeCard { if $0.keyVersions[name] == version { made.append($0) } }
        var cards: [KeyIncident.Card] = []
        for card in made {
            let kind = try kind(of: card.facts)
            guard kind.keys.contains(name), algorithm == nil || algorithm == kind.algorithm else { continue }
            cards.append(try KeyIncident.Card(card))
        }
        return cards
    }
}

extension KeyIncident.Card {
    fileprivate init(_ card: MadeCard) throws {
        self.init(
            identificationCode: card.reference.bytes.map { String(format: "%02X", $0) }.joined(),
            number: card.facts.number.text, layout: card.facts.layout, profile: card.facts.profile,
            made: try CardDate(atMilliseconds: card.madeAt),
            counter: card.making.counter, officer: card.officer, standing: KeyIncident.Standing(card.state))
    }
}

extension KeyIncident.Standing {
    fileprivate init(_ state: CardState) {
        switch state.shown {
        case .ended: self = .ended
        case .sealed: self = state.physical == .withHolder ? .inUse : .inStock
        case .normal: self = .inUse
        default: self = .stopped
        }
    }
}
