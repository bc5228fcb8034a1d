import ByteText
import Testing
import VirtualCard

/// The wallet of a card without money (cos-dialects §3.1, §6.8).
@Suite struct WalletTests {
    @Test func theBalanceIsZeroWhereAWalletIs() throws {
        let card = try TestCard()
        try card.accept(TestCard.masterFile)
        try card.refuse("805C000204", "6A81")
        // the manual's samples: the deposit read after the PIN, the purse free
        try card.accept("80E00001072F0208F100FF18", "80E00002072F0208F000FF18")
        #expect(try card.send("805C000204") == "000000009000")
        try card.refuse("805C000304", "6A86")
        try card.refuse("805C000208", "6700")
        // a wallet is no file to read or write
        try card.refuse("00B0820004", "6981")
        try card.refuse("00B2011404", "6981")
        card.powerOff()
        try card.refuse("805C000104", "6982")
    }
}
