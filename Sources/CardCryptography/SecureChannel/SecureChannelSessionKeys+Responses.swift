extension SecureChannelSessionKeys {
    /// Protects a response, on the card's side.
    ///
    /// - Parameters:
    ///   - statusWord: SW1 SW2.
    ///   - state: Where the channel stands after the command.
    public borrowing func protectResponse(
        _ data: [UInt8], statusWord: UInt16, _ level: SecureChannelLevel, at state: SecureChannelState
    ) throws(CryptographyError) -> [UInt8] {
        guard level.authenticatesResponses else { return data }
        guard Self.carriesMAC(statusWord) else { return [] }
        var sent = data
        if level.enciphersResponses && !data.isEmpty {
            sent = try encipher(padded(data), state.commandCount, isResponse: true)
        }
        return sent + (try responseMAC(sent, statusWord, state))
    }

    /// Takes the protection off a response.
    ///
    /// "No R-MAC shall be generated and no protection shall be applied to a response that includes an error status word: in this
    /// case only the status word shall be returned in the response. All status words except '9000' and warning status words (i.e.
    /// '62xx' and '63xx') shall be interpreted as error status words" (Amendment D §6.2.5). So a MAC is demanded of 9000, 62xx
    /// and 63xx, also when there is no data, and data with any other status word is refused.
    /// - Throws: `notAuthentic` when the MAC is missing or wrong.
    public borrowing func openResponse(
        _ data: [UInt8], statusWord: UInt16, _ level: SecureChannelLevel, at state: SecureChannelState
    ) throws(CryptographyError) -> [UInt8] {
        guard level.authenticatesResponses else { return data }
        guard Self.carriesMAC(statusWord) else {
            guard data.isEmpty else { throw .notAuthentic }
            return data
        }
        guard data.count >= channelProtocol.macLength else { throw .notAuthentic }
        let body = Array(data.dropLast(channelProtocol.macLength))
        let mac = try responseMAC(body, statusWord, state)
        guard constantTimeEqual(mac, Array(data[body.count...])) else { throw .notAuthentic }
        guard level.enciphersResponses && !body.isEmpty else { return body }
        guard body.count % channelProtocol.blockLength == 0,
            let plain = unpadded(try decipher(body, state.commandCount, isResponse: true))
        else { throw .notAuthentic }
        return plain
    }

    private static func carriesMAC(_ statusWord: UInt16) -> Bool {
        statusWord == 0x9000 || [0x62, 0x63].contains(statusWord >> 8)
    }

    private borrowing func responseMAC(
        _ data: [UInt8], _ statusWord: UInt16, _ state: SecureChannelState
    ) throws(CryptographyError) -> [UInt8] {
        let message = chain(state) + data + [UInt8(statusWord >> 8), UInt8(statusWord & 0xFF)]
        return try responseMAC.withSpan { key throws(CryptographyError) in
            try Array(BlockCipherMAC.cmac(cipher, key: key, message).prefix(channelProtocol.macLength))
        }
    }
}
