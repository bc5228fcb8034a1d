extension Act {
    /// Whether pieces of stock change hands by it in a way that can wait for the next day.
    ///
    /// What is a fact already does not wait: a card that was made or spoiled, found, or is not where it should be; and nothing that
    /// stops a card ever does.
    public var movesStock: Bool {
        switch self {
        case .personalized, .handedOver, .givenBack, .dispatched, .arrived, .destroyed: true
        case .stock(.missed): false
        case .stock: true
        default: false
        }
    }
}
