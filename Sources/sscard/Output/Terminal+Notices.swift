import CardData
import CardLayout

extension CompiledCard {
    /// What such a card leaves open of its layout, where it is a GlobalPlatform card.
    var notices: [Fault] {
        ApplicationLint(layout: layout, profile: profile, keyNames: nil, keySets: nil)?.summary ?? []
    }
}

extension Terminal {
    /// Says notices in both languages.
    static func tell(notices: [Fault]) {
        let catalogue = MessageCatalogue.standard
        for notice in notices {
            tell("[\(notice.code.rawValue)] \(catalogue.text(for: notice, language: .chinese).what)")
            tell("    \(catalogue.text(for: notice, language: .english).what)")
        }
    }
}
