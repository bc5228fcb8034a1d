import ByteText
public import CardData
public import Lifecycle

/// What would be refused of a card that nobody has begun yet, and of which nobody knows for whom it will be.
extension Registry {
    /// Judges whether an officer may make a card now, as far as book, day and leases say; nothing is recorded.
    ///
    /// - Parameters:
    ///   - blank: the chip that it would be made on; nil before one lies there: then the day alone is asked.
    ///   - wanted: the number that the card brings; nil for the next one.
    /// - Throws: what ``check(_:begun:)`` would throw of the making: `blankNotInStock`, `refused` for a blank of somebody else or a closed day,
    ///   `leaseRefused`, `numbersExhausted`.
    public func checkMaking(
        ofBlank blank: [UInt8]?, numbered wanted: CardNumber? = nil, handledBy handling: Handling
    ) throws(RegistryError) {
        _ = try perform { transcript in
            try transcript.takingBack(foreseeing: true) {
                try transcript.checkMaking(ofBlank: blank, numbered: wanted, handledBy: handling)
            }
        }
    }
}

extension Transcript {
    fileprivate func checkMaking(
        ofBlank blank: [UInt8]?, numbered wanted: CardNumber?, handledBy handling: Handling
    ) throws {
        try checkDay(of: [handling.officer.number], for: .personalize)
        guard let blank else { return }
        try checkBlank(blank)
        if policy.stockIsKept, let piece = try StockTable.find(blank, in: database) {
            try checkOwner(of: piece, for: .personalize, handling)
        }
        // The number that it would get, which the making of a card that was not begun has reserved perhaps; whether two persons have to
        // reserve it is asked when they do.
        let number = try numberToReserve(wanted, for: blank.hexadecimal).number
        try checkLeases(number, of: policy.area)
    }
}
