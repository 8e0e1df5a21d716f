"""還付の支払の方法と請求権の時効 (ways of paying refunds, the end of the claim). F-RF-006, F-RF-009, R-113."""
