import ByteText
import Testing

/// What TimeCOS does in a way of its own, byte for byte (cos-dialects §2.2, §3.2, §3.4, §4.3, §4.4, §6).
///
/// Cryptograms that are not published are by Python's cryptography, which gives the published ones too.
@Suite struct TimeCOSTests {
    /// E(WATCHDATATimeCOS, 1122334455667788): the manual's own INTERNAL AUTHENTICATE (§5).
    private static let owner = "008200000807CBF615E7D72F96"
    /// E(0123456789ABCDEFFEDCBA9876543210, 1122334455667788).
    private static let master = "00820000083EB3B72576BBBE83"
    private static let transportKey = "57415443484441544154696D65434F53"
    private static let challenge8 = "1122334455667788"
    private static let challenge4 = "11223344"
    /// DF 3F01 of 64 bytes, free to create in and to erase.
    private static let directory = "80E03F0111380040F0F0FFFFFFA00000000386980701"

    /// A blank whose owner was authenticated, or not.
    private func blank(isProved: Bool = true, challenges: String...) throws -> TestCard {
        let card = try TestCard("", of: "timecos", transport: "t0", challenges: [Self.challenge8] + challenges)
        if isProved {
            try card.challenge()
            try card.accept(Self.owner)
        }
        return card
    }

    /// A card whose master file was erased and got a key file and the master 39/00 of state A.
    private func card(challenges: String...) throws -> TestCard {
        let card = try TestCard(
            "", of: "timecos", transport: "t0", challenges: [Self.challenge8] + challenges)
        try card.challenge()
        try card.accept(
            Self.owner, "800E000000", "80E00000073F00F001AAFFFF", "80D4010015F9F0AA0A33" + TestCard.key)
        return card
    }

    private func authenticate(_ card: TestCard) throws {
        try card.challenge()
        try card.accept(Self.master)
    }

    private func send(_ card: TestCard, _ command: String) throws -> String {
        #expect(try card.send("0084000004") == Self.challenge4 + "9000")
        return try card.send(command)
    }

    // MARK: - As the maker delivers it (§3.4)

    @Test func aBlankAsksForTheMakersKeyBeforeAnything() throws {
        let card = try blank(isProved: false, challenges: Self.challenge8)
        for command in ["800E000000", "80E0000507280010F0F0FFFF", "00E40000020001", Self.directory] {
            try card.refuse(command, "6982")
        }
        // counter 33: a wrong try leaves two
        try card.challenge()
        #expect(try card.send("00820000080000000000000000") == "63C2")
        try card.challenge()
        try card.accept(Self.owner, "800E000000", "80E0000507280010F0F0FFFF")
    }

    /// 1C bytes hold one key of 16 and no other.
    @Test func theMakersKeyFileIsFull() throws {
        try blank().refuse("80D401010D36F0F0FF330102030405060708", "6A84")
    }

    // MARK: - Erasing and deleting (§3.4)

    @Test func onlyTheWholeCardIsErased() throws {
        let card = try card()
        try card.accept(Self.directory, "00A40000023F01", "80E0000507280010F0F0FFFF")
        try card.refuse("800E000000", "6A81")
        #expect(try card.send("00A40000023F00") == "6117")
        try card.accept("800E000000")
        try card.refuse("00A40000023F01", "6A82")
    }

    @Test func aFileIsDeletedAndItsRoomGivenBack() throws {
        let card = try card()
        // 64 bytes hold header and name of 21 and one file of 12 + 16
        try card.accept(Self.directory, "00A40000023F01", "80E0000507280010F0F0FFFF")
        try card.refuse("80E0000607280010F0F0FFFF", "6A84")
        try card.accept("00A40000020005", "00D6000001AA", "00E40000020005")
        // it was the current file, too
        try card.refuse("00B0000001", "6A82")
        try card.refuse("00A40000020005", "6A82")
        try card.accept("80E0000607280010F0F0FFFF")
    }

    @Test func aDirectoryIsDeletedWithWhatItHolds() throws {
        let card = try card()
        try card.accept(Self.directory, "00A40000023F01", "80E0000507280010F0F0FFFF")
        #expect(try card.send("00A40000023F00") == "6117")
        try card.accept("00E40000023F01")
        try card.refuse("00A40000023F01", "6A82")
        try card.refuse("00A4040009A00000000386980701", "6A82")
        // number and name are free again
        try card.accept(Self.directory)
    }

    @Test func whatCannotBeDeletedIsRefused() throws {
        let card = try card()
        try card.accept("80E0000507280010F0F0FFFF")
        for (command, answer) in [
            ("00E40000020006", "6A82"), ("00E40100020005", "6A86"), ("00E40001020005", "6A86"),
            ("00E400000105", "6700"), ("00E4000003000500", "6700"), ("80E40000020005", "6D00"),
        ] { try card.refuse(command, answer) }
        // the erase right AA is gone with the next power
        card.powerOn()
        try card.refuse("00E40000020005", "6982")
    }

    @Test func othersHaveNoSuchCommand() throws {
        let card = try TestCard("", of: "fmcos")
        try card.accept(TestCard.masterFile, "80E0000507280010F0F0FFFF")
        try card.refuse("00E40000020005", "6D00")
        // FMCOS erases a directory where it stands
        try card.accept("80E03F01113804F4F0F0FFFFFFA00000000386980701", "00A40000023F01", "800E000000")
    }

    // MARK: - The register after a failure (§2.2)

    /// Key and PIN, right or wrong, in the master file: a failure takes back what was reached there.
    @Test func aFailureInTheMasterFileClearsItsRegister() throws {
        let card = try card(challenges: Self.challenge8, Self.challenge8, Self.challenge8)
        try card.accept("80D40100073AF0EF05331234")
        card.powerOn()
        try card.refuse(Self.directory, "6982")
        try authenticate(card)
        try card.accept("80E0000507280010F0F0FFFF")
        try card.challenge()
        #expect(try card.send("00820000080000000000000000") == "63C2")
        try card.refuse("80E0000607280010F0F0FFFF", "6982")
        try authenticate(card)
        try card.accept("80E0000607280010F0F0FFFF")
        #expect(try card.send("00200000029999") == "63C2")
        try card.refuse("80E0000707280010F0F0FFFF", "6982")
    }

    /// "The register does not change" (FMCOS' manual).
    @Test func onFMCOSAFailureLeavesTheRegister() throws {
        let card = try TestCard("", of: "fmcos", challenges: [Self.challenge8, Self.challenge8])
        try card.accept(
            "80E03F000D38FFFFAAAA01FFFFFFFFFFFFFF", TestCard.keyFile, "80D401001539F0F00A33" + TestCard.key)
        card.powerOn()
        try card.refuse("80E0000507280010F0F0FFFF", "6982")
        try authenticate(card)
        try card.challenge()
        #expect(try card.send("00820000080000000000000000") == "63C2")
        try card.accept("80E0000507280010F0F0FFFF")
    }

    /// What the master file's register opens stays open when a key of a directory is missed.
    @Test func aFailureInADirectoryLeavesTheMasterFilesRegister() throws {
        let card = try card(challenges: Self.challenge8, Self.challenge8)
        try card.accept(
            "80E03F0111380200F0F0FFFFFFA00000000386980701", "00A40000023F01", "80E00000073F00F0FFF0FFFF",
            "80D401051539F0F00533" + TestCard.key, "80E00005072800100AF0FFFF")
        card.powerOn()
        try card.accept("00A40000023F01")
        try card.refuse("00B0850001", "6982")
        card.powerOn()
        try authenticate(card)
        try card.accept("00A40000023F01")
        try card.challenge()
        #expect(try card.send("00820005080000000000000000") == "63C2")
        #expect(try card.send("00B0850001") == "FF6281")
    }

    // MARK: - SELECT (§3.2, §6.1)

    /// The file that SELECT answers is named in the key file; the directory's own information has FF there.
    @Test func theKeyFileNamesWhatSelectAnswers() throws {
        let card = try card()
        try card.accept(
            "80E03F0111380200F0F0FFFFFFA00000000386980701", "00A4040009A00000000386980701",
            "80E00000073F00F095F0FFFF", "80E0001507280004F0F0FFFF")
        #expect(try card.send("00A4040009A00000000386980701") == "610D")
        #expect(try card.send("00C000000D") == "6F0B8409A000000003869807019000")
        try card.accept("00D695000401020304")
        #expect(try card.send("00A4040009A00000000386980701") == "6116")
        #expect(try card.send("00C0000016") == "6F148409A00000000386980701A5079F0C04010203049000")
    }

    @Test func theMasterFilesAnswerIsTheManuals() throws {
        let card = try card()
        #expect(try card.send("00A40000023F00") == "6117")
        #expect(try card.send("00C0000017") == "6F15840E315041592E5359532E4444463031A5038801019000")
    }

    // MARK: - Records (§6.3, §6.9)

    @Test func aRecordIsGivenForItsExactLength() throws {
        let card = try card()
        let record = "70136111" + "4F09A00000000386980701" + "500450424F43"
        try card.accept("80E00001072C0018F0AAFFFF", "00E2000C15" + record)
        #expect(try card.send("00B2010C00") == "6C15")
        #expect(try card.send("00B2010C14") == "6C15")
        #expect(try card.send("00B2010C15") == record + "9000")
    }

    /// Data of 178 bytes at most, and records of as many (§2.1).
    @Test func aRecordHasAtMost178Bytes() throws {
        let card = try card()
        let record = { (count: Int) in
            "AA" + [UInt8(count - 2)].hexadecimal + String(repeating: "00", count: count - 2)
        }
        try card.accept("80E00001072C0200F0AAFFFF", "00E2000CB2" + record(178))
        try card.refuse("00E2000CB3" + record(179), "6700")
        #expect(try card.send("00B2010CB2") == record(178) + "9000")
    }

    // MARK: - Keys (§4.3, §4.4, §6.6)

    /// The data of an update are the new key alone; what stands before it stays.
    @Test func anUpdateBringsTheNewKeyAlone() throws {
        let card = try card(challenges: Self.challenge4, Self.challenge8, Self.challenge8)
        let new = "00112233445566778899AABBCCDDEEFF"
        // F9: not in plain, and in no other form
        try card.refuse("80D4390010" + new, "6982")
        #expect(
            try send(card, "84D439001CCF5194CF490E72EC242B1638A078F51E3A8AE1947D2AD9644AFB8A31") == "9000")
        card.powerOn()
        try card.challenge()
        try card.accept("0082000008496BD7A351364453", "80E0000507280010F0F0FFFF")
        try card.accept("80D401051539F0F00233" + TestCard.key)
        try card.refuse("80D439051539F0F00233" + new, "6700")
        try card.accept("80D4390510" + new)
        try card.challenge()
        try card.accept("0082000508496BD7A351364453")
    }

    /// A directory's first master comes under the master above, every other key under the directory's.
    @Test func aDirectorysFirstMasterComesUnderTheOneAbove() throws {
        let card = try card(challenges: Self.challenge4, Self.challenge4, Self.challenge4, Self.challenge4)
        try card.accept(
            "80E03F0111380200F0F0FFFFFFA00000000386980701", "00A40000023F01", "80E00000073F00F0FFF0FFFF")
        let own = "84D401001C36F6781AFEDEC2B36098CF5BFAC62E359E7EE79EEB58F1BBE4DEC1A2"
        #expect(try send(card, own) == "9302")
        #expect(
            try send(card, "84D401001C37A728FA153426619D9B0A7255115A743A20D19AC2796569030F4DFA") == "9000")
        #expect(
            try send(card, "84D401001CC343DB408D34E77E847CA792BFA6FD4CD70FB2045BD3599BD5A5526F") == "9302")
        #expect(
            try send(card, "84D401001C70EA6D49D5294A3E0C63F64289C780BEC1AEFB32409023BD979C7F32") == "9000")
    }

    /// The manual's own sample: key 30 enciphers, key 32 makes a MAC of four bytes (§5).
    @Test func theManualsInternalAuthenticationIsAnswered() throws {
        let card = try card()
        try card.accept("80D401001530F0F00000" + Self.transportKey, "80D401001532F0F00000" + Self.transportKey)
        #expect(try card.send("00880000081122334455667788") == "6108")
        #expect(try card.send("00C0000008") == "07CBF615E7D72F969000")
        #expect(try card.send("00880200081122334455667788") == "6104")
        #expect(try card.send("00C0000004") == "8756E2859000")
    }

    @Test func aKeyThatIsNotThereIsToldBy9403() throws {
        let card = try card(challenges: Self.challenge8)
        try card.challenge()
        try card.refuse("00820007080000000000000000", "9403")
        try card.refuse("00200007021234", "9403")
        try card.refuse("0088000708" + Self.challenge8, "9403")
    }
}
