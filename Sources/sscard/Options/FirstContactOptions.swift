import ArgumentParser

/// Leave to present keys to a card that is seen for the first time and cannot prove itself before.
struct FirstContactOptions: ParsableArguments {
    @Flag(
        help: """
            首次到本处且不能先行证明自己的卡也出示密钥 Present keys to a card that is seen here for the first time and \
            cannot prove itself before: they may have one try left.
            """)
    var firstContact = false

    /// Who answers for it; nil where nobody does.
    func acceptance(by officers: OfficerOptions) -> UInt64? { firstContact ? officers.officer : nil }
}
