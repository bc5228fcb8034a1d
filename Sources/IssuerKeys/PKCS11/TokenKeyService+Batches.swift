/// Keys of many cards, derived in one call of the token.
extension TokenKeyService {
    /// Derives one key of many cards in one call of the token, for the WRITE KEY commands that will follow for these cards.
    ///
    /// The keys stay in the module's process until they are asked for, each once.
    /// - Parameters:
    ///   - card: one of the cards, which are all of one city and algorithm.
    ///   - factors: the card factors of all.
    /// - Throws: `keysStayInside` where the token is loaded for authentication, `useNotAllowed` and the like as for one card.
    public func prepare(
        _ name: KeyName, ofCardsLike card: CardKeyContext, factors: [DiversificationFactor]
    ) throws(CardKeyError) {
        try derive(name, ofCardsLike: card, factors: factors, isKept: true)
    }

    /// The module's process, whose time a benchmark counts.
    package var moduleProcess: Int32 { process.identifier }

    /// The same without keeping a key: what the derivation costs.
    package func deriveAndForget(
        _ name: KeyName, ofCardsLike card: CardKeyContext, factors: [DiversificationFactor]
    ) throws(CardKeyError) {
        try derive(name, ofCardsLike: card, factors: factors, isKept: false)
    }

    private func derive(
        _ name: KeyName, ofCardsLike card: CardKeyContext, factors: [DiversificationFactor], isKept: Bool
    ) throws(CardKeyError) {
        guard let master = try path(.issuer(name), for: nil, of: card)?.parent else { return }
        let request = ModuleWriter(.prepare)
        master.write(to: request)
        request.put(byte: isKept ? 1 : 0)
        request.put(hierarchy.parity.rawValue)
        request.put(factors)
        do throws(TokenFailure) {
            guard try process.ask(request).count() == factors.count else { throw .malformedMessage }
        } catch {
            throw .token(error)
        }
    }
}
