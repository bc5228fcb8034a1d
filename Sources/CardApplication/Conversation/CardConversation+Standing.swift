public import CardLayout
public import ISO7816

/// What keeps a card without our environment from being a blank: asked by SELECT alone.
extension CardConversation {
    /// What the issuer's security domain answers to its selection: 6283 on a locked card, which lets nothing else be selected (Card
    /// Specification §11.9.3.2).
    public func selectSecurityDomain(of profile: GlobalPlatformProfile) throws(CardError) -> StatusWord {
        try select(application: profile.securityDomain)
    }

    /// SELECT of an application by its name.
    public func select(application name: [UInt8]) throws(CardError) -> StatusWord {
        let command: CommandAPDU
        do { command = try GlobalPlatformCommands.select(name) } catch { throw .securityDomain(error) }
        return try send(.fixed(command), wantsAnswer: false).statusWord
    }

    /// Whether a card with a master file of its maker's has something in it that a blank has not: it serves somebody else then.
    ///
    /// Asked from the master file.
    public func hasContentOfOthers() throws(CardError) -> Bool {
        let commands = CardCommands(profile: profile)
        for selection in profile.foreignSelections {
            let command = try building { () throws(CommandAPDU.Malformed) in
                selection.count == 2
                    ? try CommandAPDU(0x00, 0xA4, 0x00, 0x00, data: selection) : try commands.select(name: selection)
            }
            guard try send(.fixed(command), wantsAnswer: false).statusWord == .fileNotFound else { return true }
        }
        return false
    }
}
