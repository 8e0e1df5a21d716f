"""情報照会 (inquiries over the number network): 公金受取口座 for a refund wished to be paid there. R-113, F-OT-021."""
