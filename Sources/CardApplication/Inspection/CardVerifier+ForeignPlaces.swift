import CardData
import CardLayout

/// What a card has that its layout does not.
extension CardVerifier {
    /// A finding for each place of a region on the card that the layout does not have; none where there is no such place.
    ///
    /// For after the rules: it selects other directories.
    public func checkForeignPlaces() throws(CardError) -> [RuleFinding] {
        try CardReader(conversation, compiled, presentsKeys: false).findForeignPlaces().map { place in
            RuleFinding(
                rule: .notInLayout, directory: place.directory, file: place.file, element: nil,
                title: RegionalPlace.foreignTitle, verdict: .violated([Fault("card-verify.not-in-layout")]))
        }
    }
}

extension RegionalPlace {
    /// What a place is called that the layout does not name.
    static var foreignTitle: String { "不在卡结构中" }
}
