extension CardState {
    /// What stands against any writing on a card in hand: after a report of its loss it is a found card or a fraud, and the report is
    /// dealt with first.
    var reasonsAgainstWriting: [LifecycleRefusal.Reason] {
        [.loss, .temporaryLoss, .hold, .cancellation].filter(isRestricted).map { .restricted($0) }
    }

    /// Checks that data may be written on the card: it is not ended, and no report or order is open that stops it.
    ///
    /// Who does it, and on what proof, is another question: single elements of insurances are their offices' affair.
    ///
    /// - Throws: a ``LifecycleRefusal`` with every reason.
    public func checkWriting() throws(LifecycleRefusal) {
        let reasons = social.endReason.map { [.ended($0)] } ?? reasonsAgainstWriting
        if let refusal = LifecycleRefusal(.changeData, reasons) { throw refusal }
    }
}
