public import CardLayout
import ISO7816

/// Places of regions that the layout does not have.
extension CardReader {
    /// The places that are known to be used by regions, are not the layout's and are on the card; what is in them is not read.
    ///
    /// Only SELECT is sent, which costs no try and changes nothing. An application over a secure channel has no identifiers, so such a card is not asked.
    public func findForeignPlaces() throws(CardError) -> [RegionalPlace] {
        guard compiled.profile.globalPlatform == nil else { return [] }
        var found: [RegionalPlace] = []
        var current: String?
        for place in compiled.layout.foreignPlaces {
            // regions' applications lie where the nation's do
            let home = place.file == nil ? compiled.layout.directories.lazy.compactMap(\.parent).first : place.directory
            guard let home, let directory = compiled.directory(home) else { continue }
            if current != home {
                guard try enters(directory) else { continue }
                current = home
            }
            guard try isThere(place) else { continue }
            found.append(place)
            // another directory is current now, and the next place is not in it
            if place.file == nil { current = nil }
        }
        return found
    }

    private func isThere(_ place: RegionalPlace) throws(CardError) -> Bool {
        let command = try conversation.building { () throws(CommandAPDU.Malformed) in
            try commands.select(identifier: place.identifier)
        }
        let answer = try conversation.send(.fixed(command), wantsAnswer: false).statusWord
        // a file or application that is locked or damaged is there all the same
        return answer.isSuccess || answer == .fileInvalidated
    }
}
