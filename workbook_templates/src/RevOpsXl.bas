Attribute VB_Name = "RevOpsXl"
Option Explicit
'The ribbon's buttons, and what a failing worksheet function leaves behind.
'Every button is a call of revops_xl.hosts.excel.macros in Python; nothing is computed here.

Private LastMessage As String
Private Described As Boolean

'What a cell shows for a failed function; its message is one click away.
Public Function RvxFailed(ByVal Description As String) As Variant
    Dim First As Long, Last As Long
    LastMessage = Description
    RvxFailed = CVErr(xlErrValue)
    First = InStr(Description, "[#")
    If First = 0 Then Exit Function
    Last = InStr(First, Description, "]")
    If Last = 0 Then Exit Function
    LastMessage = Mid$(Description, Last + 2)
    Select Case Mid$(Description, First + 1, Last - First - 1)
        Case "#N/A": RvxFailed = CVErr(xlErrNA)
        Case "#REF!": RvxFailed = CVErr(xlErrRef)
        Case "#DIV/0!": RvxFailed = CVErr(xlErrDiv0)
        Case "#NUM!": RvxFailed = CVErr(xlErrNum)
        Case "#NAME?": RvxFailed = CVErr(xlErrName)
        Case "#NULL!": RvxFailed = CVErr(xlErrNull)
    End Select
End Function

Public Function RvxLastMessage() As String
    RvxLastMessage = LastMessage
End Function

'Every button but Last error: its id names what Python does.
Public Sub RvxPress(control As IRibbonControl)
    If Not Described Then RvxDescribeOnce
    RunPython "from revops_xl.hosts.excel import macros; macros.press('" & control.ID & "')"
End Sub

Public Sub RvxShowLastError(control As IRibbonControl)
    If LastMessage = "" Then
        MsgBox "No worksheet function has failed since Excel was started.", vbInformation, "RevOps"
    Else
        MsgBox LastMessage, vbExclamation, "RevOps: last error"
    End If
End Sub

'The function wizard's texts of the arguments; at the first press of a button, since an add-in that runs by itself is distrusted.
Private Sub RvxDescribeOnce()
    Described = True
    On Error Resume Next
    RvxDescribeFunctions
    On Error GoTo 0
End Sub
