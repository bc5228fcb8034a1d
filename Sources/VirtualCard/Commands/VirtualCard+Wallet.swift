import ISO7816

/// What of PBOC's wallet a card without money needs (cos-dialects §3.1, §6.8): the files, and the balance of zero.
extension VirtualCard {
    /// Bytes of a wallet's body.
    static var walletSize: Int { 22 }

    /// GET BALANCE: P2 01 the deposit, file 0001; 02 the purse, file 0002.
    func getBalance(_ command: CommandAPDU) throws -> Result {
        guard command.p1 == 0, [0x01, 0x02].contains(command.p2) else { throw Refusal(.incorrectParameters) }
        guard command.data.isEmpty, command.expectedLength == 4 else { throw Refusal(.wrongLength) }
        let wallet = try currentDirectory().files.first {
            $0.kind == .wallet && $0.identifier == UInt16(command.p2)
        }
        guard let wallet else { throw Refusal(.functionNotSupported) }
        try demand(wallet.readRight)
        return Result(data: Array(wallet.bytes.prefix(4)))
    }
}
